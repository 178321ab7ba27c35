import { SecretError, type SecretErrorCode, type SecretErrorOptions } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import { membersOf } from "../store/status-table.ts";

/** What AWS says of a call that it did not carry out. Its words are looked at and never shown. */
export interface AwsRefusal {
  /** Such as `AccessDeniedException`, without a prefix or an address. */
  readonly type: string;
  readonly words: string;
}

/** The call that was refused. */
export interface AwsCall {
  /** Such as `GetSecretValue`. */
  readonly action: string;
  /** How IAM names the service: `secretsmanager`. */
  readonly service: string;
  /** How IAM names what was asked for. */
  readonly resource: string;
}

/** What one kind of refusal means. */
interface Meaning {
  readonly types: RegExp;
  readonly code: SecretErrorCode;
  readonly reason: string;
  readonly what: string;
  readonly tip: string | ((call: AwsCall) => string);
}

/** The first that fits counts. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
const meanings: readonly Meaning[] = [
  {
    types:
      /^(Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|LimitExceeded|RequestThrottled|SlowDown|BandwidthLimit)/,
    code: "THROTTLED",
    reason: "throttled",
    what: "AWS throttles requests",
    tip: "Poll less often, or raise the quota of the account and region, which other programs of the account share.",
  },
  {
    types: /^(ExpiredToken|RequestExpired)/,
    code: "UNAUTHENTICATED",
    reason: "token-ended",
    what: "the keys have expired",
    tip: "Temporary keys expire: let the platform renew them (a role), or replace the configured keys.",
  },
  {
    types:
      /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken|AuthFailure|NotAuthorized$|OptInRequired)/,
    code: "UNAUTHENTICATED",
    reason: "login-refused",
    what: "AWS does not know the keys",
    tip: "Check that the access key exists and is active, that its session token is set, and that the account has enabled the region.",
  },
  {
    types: /^(InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|RequestTimeTooSkewed)/,
    code: "UNAUTHENTICATED",
    reason: "signature",
    what: "the signature does not match the key",
    tip: "Check the secret access key, the region of the endpoint, the clock of this machine, and that no proxy changes requests.",
  },
  {
    types: /^(AccessDenied|UnauthorizedOperation)/,
    code: "PERMISSION_DENIED",
    reason: "iam",
    what: "no policy allows it, or one denies it",
    tip: ({ service, action, resource }) =>
      `Allow ${service}:${action} on ${resource} in the policy of this identity; \`diagnose\` prints the statement. A policy of the resource, of the organization or of the endpoint may also deny it.`,
  },
  {
    types: /^(DecryptionFailure|EncryptionFailure|KMS|InvalidKeyId)/,
    code: "PERMISSION_DENIED",
    reason: "kms-key",
    what: "it cannot be decrypted with its key",
    tip: "Allow kms:Decrypt on the key in the policy of this identity and in the key policy; a key that is disabled or pending deletion cannot decrypt.",
  },
  {
    types: /^(Internal|ServiceUnavailable|RequestTimeout|ServiceException|DependencyFailure)/,
    code: "UNAVAILABLE",
    reason: "server-error",
    what: "AWS failed",
    tip: "Check the health dashboard of AWS for this region.",
  },
  {
    types: /^(UnknownOperation|InvalidAction|Serialization|UnsupportedOperation)/,
    code: "INTERNAL",
    reason: "bad-request",
    what: "the server does not know this call",
    tip: "Check that `endpoint` leads to this service of AWS.",
  },
];

const kmsDenied: Partial<Meaning> = {
  reason: "kms-key",
  what: "its key may not be used",
  tip: "Allow kms:Decrypt on the key in the policy of this identity and in the key policy.",
};

/** Turns a refusal into an error; nothing that AWS wrote is in it. @param options such as the pause of a Retry-After */
export function awsFailure(
  { type, words }: AwsRefusal,
  call: AwsCall,
  options: Pick<SecretErrorOptions, "retryAfterMs" | "cause"> = {},
): SecretError {
  const found = meanings.find(({ types }) => types.test(type));
  if (found === undefined)
    return new SecretError("INTERNAL", `${call.action} was refused: AWS rejected the request as invalid`, {
      ...options,
      reason: "bad-request",
      tip: "Check the name, the version and `endpoint`; the cause has the status and the request id.",
    });
  // The key of a secret is asked by the store in the name of the caller.
  const isOfKey = found.reason === "iam" && /\bkms\b/i.test(words);
  const { code, reason, what, tip } = isOfKey ? { ...found, ...kmsDenied } : found;
  return new SecretError(code, `${call.action} was refused: ${what}`, {
    ...options,
    reason,
    tip: typeof tip === "function" ? tip(call) : tip,
  });
}

/** Whether a refusal may come from a clock that is wrong. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
export function isOfClock({ type }: AwsRefusal): boolean {
  return /^(InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestTimeTooSkewed|AuthFailure)/.test(type);
}

/** Reads a refusal; undefined where something else than AWS answered, such as a proxy. */
export function refusalIn(answer: HttpAnswer): AwsRefusal | undefined {
  const { __type: told, message, Message: words = message } = membersOf(answer);
  const type = refusalType(answer.header("x-amzn-errortype") ?? told);
  return type === "" ? undefined : { type, words: typeof words === "string" ? words : "" };
}

/** Reads a type as one service or another writes it: with a namespace before `#`, or an address after `:`. */
function refusalType(text: unknown): string {
  return typeof text === "string" ? (text.split(":")[0]?.split("#").at(-1) ?? "").trim() : "";
}
