import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { membersOf, type StatusMeaning } from "../shared/store/status-table.ts";

/** What Google says of a failure. Its message is never told: it is read for the state of a version alone. */
interface GoogleError {
  /** Such as `PERMISSION_DENIED`; undefined where something else has answered. */
  readonly status: string | undefined;
  /** Such as `SERVICE_DISABLED`. */
  readonly reason: string | undefined;
  readonly message: string;
}

/** The state of a version that gives no value. */
export type VersionState = "disabled" | "destroyed" | "unusable";

/** Whether Google itself says that there is no such secret or version. */
export function saysMissing(answer: HttpAnswer): boolean {
  return errorOf(answer).status === "NOT_FOUND";
}

/** The state of the version that an answer is about; undefined where it says nothing of one. */
export function versionState(answer: HttpAnswer): VersionState | undefined {
  const { status, message } = errorOf(answer);
  if (status !== "FAILED_PRECONDITION") return undefined;
  const [, state] = /\bis in (DISABLED|DESTROYED) state\b/i.exec(message) ?? [];
  return state === undefined ? "unusable" : (state.toLowerCase() as VersionState);
}

/** The meaning of a failed answer. */
export function meaningOf(answer: HttpAnswer): StatusMeaning | undefined {
  const { status, reason } = errorOf(answer);
  if (answer.status === 401) return refused;
  if (answer.status === 403 && status === undefined) return foreign;
  if (answer.status === 403) return denials.get(reason ?? "") ?? denied;
  if (answer.status === 400 && status !== undefined) return badRequest;
  return undefined;
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

const refused: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the access token was refused",
  reason: "login-refused",
  tip: "Look whether the service account is disabled or deleted, and at the clock of this machine.",
};

const denied: StatusMeaning = {
  code: "PERMISSION_DENIED",
  what: "this identity may not read the secret, or there is none of that name",
  reason: "iam-permission",
  tip: "Grant roles/secretmanager.secretAccessor (the permission secretmanager.versions.access) on the secret; `diagnose` has the command.",
};

/** What a proxy or a firewall has refused says nothing of the secret. */
const foreign: StatusMeaning = {
  code: "INTERNAL",
  what: "something other than Google has answered",
  reason: "malformed-answer",
  tip: "Look at proxies and firewalls on the way, and at `endpoint`.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "Secret Manager does not understand the request",
  reason: "bad-request",
  tip: "Check `project`, `location` and `endpoint`: regional secrets are read at the endpoint of their region alone.",
};

/** reason of Google -> meaning */
const denials: ReadonlyMap<string, StatusMeaning> = new Map(
  Object.entries<StatusMeaning>({
    SERVICE_DISABLED: {
      code: "PERMISSION_DENIED",
      what: "the Secret Manager API is not enabled in the project",
      reason: "api-disabled",
      tip: "gcloud services enable secretmanager.googleapis.com --project <project>",
    },
    ACCESS_TOKEN_SCOPE_INSUFFICIENT: {
      code: "PERMISSION_DENIED",
      what: "the access token has too narrow a scope",
      reason: "token-scope",
      tip: "Give the instance or node pool the scope cloud-platform; roles decide what it may do.",
    },
    CONSUMER_INVALID: {
      code: "PERMISSION_DENIED",
      what: "there is no such project, or this identity may not use it",
      reason: "project",
      tip: "Check `project`.",
    },
  }),
);

function errorOf(answer: HttpAnswer): GoogleError {
  const error = Object(membersOf(answer).error) as Readonly<Record<string, unknown>>;
  const { status, message, details } = error;
  const infos: readonly unknown[] = Array.isArray(details) ? details : [];
  const reason = infos.map((info) => (Object(info) as { reason?: unknown }).reason).find((each) => each !== undefined);
  return {
    status: typeof status === "string" ? status : undefined,
    reason: typeof reason === "string" ? reason : undefined,
    message: typeof message === "string" ? message : "",
  };
}
