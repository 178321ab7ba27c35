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
        what: `the newest version of "${name}", or the one that was asked for, is disabled`,
        reason: "version-disabled",
        tip: `Enable it (gcloud secrets versions enable), add another one, or bind "${name}/versions/<number or alias>": "latest" is the newest version, whatever its state.`,
      }
    : {
        code: "UNAVAILABLE",
        what: `the version of "${name}" cannot be used now`,
        reason: "version-unusable",
        scope: "path",
        tip: "Look at the key that encrypts it (CMEK): it may be disabled or destroyed, or Secret Manager may have lost the right to use it.",
      };
}

/** Makes the error of a payload whose checksum does not fit, twice. */
export function corrupted(name: string): SecretError {
  return new SecretError("INVALID_VALUE", `what was read of "${name}" does not fit the checksum of Secret Manager`, {
    reason: "checksum",
    tip: "Look at what lies between this process and Google: something changes answers on the way.",
  });
}

const denied: StatusMeaning = {
  code: "PERMISSION_DENIED",
  what: "this identity may not read the secret, or there is none of that name",
  reason: "iam-permission",
  tip: "Grant roles/secretmanager.secretAccessor (the permission secretmanager.versions.access) on the secret; `diagnose` has the command.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "Secret Manager does not understand the request",
  reason: "bad-request",
  tip: "Check `project`, `location` and `endpoint`: regional secrets are read at the endpoint of their region alone.",
};
