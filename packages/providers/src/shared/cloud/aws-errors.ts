import { SecretError, type SecretErrorCode, type SecretErrorOptions } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import { membersOf } from "../store/status-table.ts";

/** A refusal of AWS. */
export interface AwsRefusal {
  /** The type, without namespace and address: `AccessDeniedException`. */
  readonly type: string;
  /** The message of AWS, which errors never contain. */
  readonly words: string;
}

/** The call that was refused. */
export interface AwsCall {
  /** The action: `GetSecretValue`. */
  readonly action: string;
  /** The service in the terms of IAM: `secretsmanager`. */
  readonly service: string;
  /** The resource in the terms of IAM. */
  readonly resource: string;
}

/** The meaning of one kind of refusal. */
interface Meaning {
  readonly types: RegExp;
  readonly code: SecretErrorCode;
  readonly reason: string;
  readonly what: string;
  readonly tip: string | ((call: AwsCall) => string);
}

/** The first match applies. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
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

/** Converts a refusal to an error without any text of AWS. @param options further options, such as the pause of a Retry-After header */
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
  // The store uses the KMS key of a secret on behalf of the caller, so its denial may concern the key.
  const isOfKey = found.reason === "iam" && /\bkms\b/i.test(words);
  const { code, reason, what, tip } = isOfKey ? { ...found, ...kmsDenied } : found;
  return new SecretError(code, `${call.action} was refused: ${what}`, {
    ...options,
    reason,
    tip: typeof tip === "function" ? tip(call) : tip,
  });
}

/** Returns whether a wrong clock may be the cause of a refusal. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
export function isOfClock({ type }: AwsRefusal): boolean {
  return /^(InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestTimeTooSkewed|AuthFailure)/.test(type);
}

/** Parses a refusal; returns undefined if the response is not from AWS but, for example, from a proxy. */
export function refusalIn(answer: HttpAnswer): AwsRefusal | undefined {
  const { __type: written, message, Message: words = message } = membersOf(answer);
  const type = refusalType(answer.header("x-amzn-errortype") ?? written);
  return type === "" ? undefined : { type, words: typeof words === "string" ? words : "" };
}

/** Returns the type without the namespace before `#` and the address after `:` that some services add. */
function refusalType(text: unknown): string {
  return typeof text === "string" ? (text.split(":")[0]?.split("#").at(-1) ?? "").trim() : "";
}
