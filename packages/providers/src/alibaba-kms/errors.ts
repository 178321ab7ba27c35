import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { foreignAnswer, membersOf, type StatusMeaning } from "../shared/store/status-table.ts";

/** Whether KMS itself says that there is no such secret or version, or that it is scheduled for deletion. */
export function saysMissing(answer: HttpAnswer): boolean {
  const code = codeOf(answer) ?? "";
  return /^(?:Forbidden\.)?(?:Resource|Secret|SecretVersion)NotFound$|^Rejected\.PendingDeletion$/.test(code);
}

/** The meaning of a failed answer: the same status stands for many things, so its code tells. */
export function meaningOf(answer: HttpAnswer): StatusMeaning | undefined {
  const code = codeOf(answer);
  if (code === undefined) return answer.status === 403 ? foreignAnswer("KMS", "endpoint") : undefined;
  const known = meanings.find(([codes]) => codes.test(code))?.[1];
  if (known !== undefined) return known;
  return answer.status === 403 ? denied : answer.status < 429 ? badRequest : undefined;
}

/** For a secret whose versions the service that manages it keeps to itself. */
export function noVersions(): SecretError {
  return new SecretError(
    "UNSUPPORTED",
    "KMS returns only the current version of a secret that another service manages",
    {
      reason: "versions",
      tip: "Read the current version: KMS itself rotates secrets of RDS, RAM, ECS, Redis and PolarDB.",
    },
  );
}

/** For a binary secret whose data is none. */
export function notBase64(): SecretError {
  return new SecretError("INVALID_VALUE", "the value of a binary secret is not base64", {
    reason: "not-base64",
    tip: "Write it again; a proxy between this process and KMS may also have changed it.",
  });
}

const denied: StatusMeaning = {
  code: "PERMISSION_DENIED",
  what: "no RAM policy lets this identity read the secret",
  reason: "iam-permission",
  tip: "Allow kms:GetSecretValue on the secret, and kms:Decrypt on its key if it has its own; `diagnose` prints the policy.",
};

const refused: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the keys were refused",
  reason: "login-refused",
  tip: "Check whether the AccessKey is disabled or deleted, or the session of the role has expired.",
};

const skewed: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the clock of this machine is more than 15 minutes off",
  reason: "clock-skew",
  tip: "Set it with a time service; until then, requests are signed with the time of KMS.",
};

const throttled: StatusMeaning = {
  code: "THROTTLED",
  what: "there are too many calls",
  reason: "throttled",
  tip: "The limit is 450 reads per second for an account and region, shared with encryption: raise `pollInterval`, or use a KMS instance.",
};

const suspended: StatusMeaning = {
  code: "UNAVAILABLE",
  what: "the account cannot use KMS at present",
  reason: "account-suspended",
  tip: "Check the bills and the messages of the account.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "KMS rejected the request as invalid",
  reason: "bad-request",
  tip: "Check `region`, `instance` and `endpoint`.",
};

/** Codes of KMS, of its instances and of the gateway before it -> meaning; the first match counts. */
const meanings: readonly (readonly [codes: RegExp, meaning: StatusMeaning])[] = [
  [/^(?:IllegalTimestamp|InvalidTimeStamp\.|RequestTimeTooSkewed)/i, skewed],
  [
    /^(?:InvalidAccessKeyId|InvalidSecurityToken|SignatureDoesNotMatch|SignatureNotMatch|IncompleteSignature|MissingSecurityToken|Forbidden\.AccessKey|SecurityTokenExpired)/i,
    refused,
  ],
  [/^(?:Rejected\.)?Throttling/i, throttled],
  [/^(?:Forbidden\.InDebt|Forbidden\.ProhibitedByRiskControl|Forbidden\.KmsServiceNotEnabled)/i, suspended],
  [
    /^Rejected\.(?:Disabled|Unavailable)/i,
    {
      code: "UNAVAILABLE",
      what: "the secret cannot be read now",
      reason: "version-unusable",
      scope: "path",
      tip: "Check the key that encrypts it: it may be disabled.",
    },
  ],
];

/** Undefined where something else has answered. */
function codeOf(answer: HttpAnswer): string | undefined {
  const { Code: code } = membersOf(answer);
  return typeof code === "string" && code !== "" ? code : undefined;
}
