import type { HttpAnswer } from "../http/answer.ts";
import { foreignAnswer, membersOf, type StatusMeaning } from "../store/status-table.ts";

/** The error in a response of Google. Errors never contain its message. @see https://cloud.google.com/apis/design/errors */
export interface GoogleError {
  /** The status: `PERMISSION_DENIED`; undefined if Google has not written the response. */
  readonly status: string | undefined;
  /** The reason: `SERVICE_DISABLED`. */
  readonly reason: string | undefined;
  readonly message: string;
}

/** Parses the error in a response. */
export function googleError(answer: HttpAnswer): GoogleError {
  const { status, message, details } = Object(membersOf(answer).error) as Readonly<Record<string, unknown>>;
  const infos: readonly unknown[] = Array.isArray(details) ? details : [];
  const reason = infos.map((info) => (Object(info) as { reason?: unknown }).reason).find((each) => each !== undefined);
  return {
    status: typeof status === "string" ? status : undefined,
    reason: typeof reason === "string" ? reason : undefined,
    message: typeof message === "string" ? message : "",
  };
}

/** Returns the meaning of a failure that all services of Google share: of the login, the project or the network. @param api `secretmanager.googleapis.com` */
export function googleMeaning(answer: HttpAnswer, api: string): StatusMeaning | undefined {
  const { status, reason } = googleError(answer);
  if (answer.status === 401) return refused;
  if (answer.status !== 403) return undefined;
  if (status === undefined) return foreignAnswer("Google", "endpoint");
  return reason === "SERVICE_DISABLED" ? disabled(api) : denials.get(reason ?? "");
}

const refused: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the access token was refused",
  reason: "login-refused",
  tip: "Check whether the service account is disabled or deleted, and check the clock of this machine.",
};

function disabled(api: string): StatusMeaning {
  return {
    code: "PERMISSION_DENIED",
    what: `the API ${api} is not enabled in the project`,
    reason: "api-disabled",
    tip: `gcloud services enable ${api} --project <project>`,
  };
}

/** reason -> meaning */
const denials: ReadonlyMap<string, StatusMeaning> = new Map(
  Object.entries<StatusMeaning>({
    ACCESS_TOKEN_SCOPE_INSUFFICIENT: {
      code: "PERMISSION_DENIED",
      what: "the access token has too narrow a scope",
      reason: "token-scope",
      tip: "Give the instance or node pool the scope cloud-platform; its roles determine its permissions.",
    },
    CONSUMER_INVALID: {
      code: "PERMISSION_DENIED",
      what: "the project does not exist, or this identity may not use it",
      reason: "project",
      tip: "Check `project`.",
    },
  }),
);
