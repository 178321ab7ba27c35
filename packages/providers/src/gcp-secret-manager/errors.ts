import { SecretError } from "@tacit/core/provider";
import { googleError, googleMeaning } from "../shared/cloud/google-errors.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { StatusMeaning } from "../shared/store/status-table.ts";

/** The state of a version that gives no value. */
export type VersionState = "disabled" | "destroyed" | "unusable";

/** Whether Google itself says that there is no such secret or version. */
export function saysMissing(answer: HttpAnswer): boolean {
  return googleError(answer).status === "NOT_FOUND";
}

/** The state of the version that an answer is about; undefined where it says nothing of one. */
export function versionState(answer: HttpAnswer): VersionState | undefined {
  const { status, message } = googleError(answer);
  if (status !== "FAILED_PRECONDITION") return undefined;
  const [, state] = /\bis in (DISABLED|DESTROYED) state\b/i.exec(message) ?? [];
  return state === undefined ? "unusable" : (state.toLowerCase() as VersionState);
}

/** The meaning of a failed answer. */
export function meaningOf(answer: HttpAnswer): StatusMeaning | undefined {
  const { status } = googleError(answer);
  if (answer.status === 400 && status !== undefined) return badRequest;
  return googleMeaning(answer, "secretmanager.googleapis.com") ?? (answer.status === 403 ? denied : undefined);
}

/** The meaning of a version that gives no value. @param name of the secret */
export function unusableVersion(name: string, state: Exclude<VersionState, "destroyed">): StatusMeaning {
  return state === "disabled"
    ? {
        code: "PERMISSION_DENIED",
        what: `the newest or the requested version of "${name}" is disabled`,
        reason: "version-disabled",
        tip: `Enable it (gcloud secrets versions enable), add another one, or bind "${name}/versions/<number or alias>": "latest" is the newest version in any state.`,
      }
    : {
        code: "UNAVAILABLE",
        what: `the version of "${name}" cannot be used now`,
        reason: "version-unusable",
        scope: "path",
        tip: "Check the key that encrypts it (CMEK): it may be disabled or destroyed, or Secret Manager may no longer be allowed to use it.",
      };
}

/** Makes the error of a payload whose checksum does not fit, twice. */
export function corrupted(name: string): SecretError {
  return new SecretError("INVALID_VALUE", `the value of "${name}" does not match the checksum of Secret Manager`, {
    reason: "checksum",
    tip: "Check proxies between this process and Google: something changes the responses.",
  });
}

const denied: StatusMeaning = {
  code: "PERMISSION_DENIED",
  what: "this identity may not read the secret, or it does not exist",
  reason: "iam-permission",
  tip: "Grant roles/secretmanager.secretAccessor (the permission secretmanager.versions.access) on the secret; `diagnose` prints the command.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "Secret Manager rejected the request as invalid",
  reason: "bad-request",
  tip: "Check `project`, `location` and `endpoint`: regional secrets are read only at the endpoint of their region.",
};
