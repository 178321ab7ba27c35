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
    "KMS gives the current version alone of a secret that another service manages",
    {
      reason: "versions",
      tip: "Ask for the current one: secrets of RDS, RAM, ECS, Redis and PolarDB are rotated by KMS itself.",
    },
  );
}

/** For a binary secret whose data is none. */
export function notBase64(): SecretError {
  return new SecretError("INVALID_VALUE", "a binary secret holds something that is not base64", {
    reason: "not-base64",
    tip: "Write it again: what lies between this process and KMS may have changed it, too.",
  });
}

const denied: StatusMeaning = {
  code: "PERMISSION_DENIED",
  what: "no RAM policy lets this identity read the secret",
  reason: "iam-permission",
  tip: "Allow kms:GetSecretValue on the secret, and kms:Decrypt on its key where it has one of its own; `diagnose` has the policy.",
};

const refused: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the keys were refused",
  reason: "login-refused",
  tip: "Look whether the AccessKey is disabled or deleted, or the session of the role has ended.",
};

const skewed: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the clock of this machine is more than 15 minutes off",
  reason: "clock-skew",
  tip: "Let a time service set it; requests are signed with the time of KMS until then.",
};

const throttled: StatusMeaning = {
  code: "THROTTLED",
  what: "there are too many calls",
  reason: "throttled",
  tip: "450 reads a second are allowed for an account and region, shared with encryption: raise `pollInterval`, or take an instance.",
};

const suspended: StatusMeaning = {
  code: "UNAVAILABLE",
  what: "the account may not use KMS for now",
  reason: "account-suspended",
  tip: "Look at the bills of the account, and at its messages.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "KMS does not understand the request",
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
      tip: "Look at the key that encrypts it: it may be disabled.",
    },
  ],
];

/** Undefined where something else has answered. */
function codeOf(answer: HttpAnswer): string | undefined {
  const { Code: code } = membersOf(answer);
  return typeof code === "string" && code !== "" ? code : undefined;
}
