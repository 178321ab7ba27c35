import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpRequest } from "../shared/http/client.ts";
import { loginRefused, membersOf, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer; what Infisical has not written means the same as everywhere. */
export function meaningOf(answer: HttpAnswer, { path }: HttpRequest): StatusMeaning | undefined {
  const { statusCode, error } = membersOf(answer);
  if (typeof statusCode !== "number") return answer.status === 401 ? refused : undefined;
  // A token that has ended is told as 403, and a login that is refused in several ways.
  if (error === "TokenError" || (path.startsWith("/api/v1/auth/") && answer.status < 429)) return refused;
  return meanings[answer.status];
}

/** Whether Infisical itself says that there is no such secret: a missing place of secrets is a mistake. */
export function saysMissing(answer: HttpAnswer): boolean {
  const { statusCode, message } = membersOf(answer);
  if (statusCode !== 404) return false;
  if (/^(folder|environment|project|workspace)\b/i.test(String(message))) throw noPlace();
  return true;
}

const refused = loginRefused(
  "Check the machine identity of `auth`: its client secret, its trusted addresses, and the audience and subject of its JWT.",
);

const meanings: Readonly<Record<number, StatusMeaning>> = {
  401: refused,
  403: rightMissing(
    "the machine identity does not have this permission",
    "Give it a role of the project that may read the secrets of this environment and folder, including their values.",
  ),
};

function noPlace(): SecretError {
  return new SecretError("INVALID_CONFIG", "Infisical has no such project, environment or folder", {
    reason: "no-store",
    tip: "Correct `project`, `environment` and the folders of the path, and check that the machine identity is a member of the project.",
  });
}

/** For a secret of which this identity may see that it is there, and not its value. */
export function hidden(): SecretError {
  return new SecretError("PERMISSION_DENIED", "Infisical hides the value of this secret from the machine identity", {
    reason: "policy",
    tip: "Allow its role to read the value (Read Value), not only the description.",
  });
}

/** For a dynamic secret where the project has no slug. */
export function noSlug(): SecretError {
  return new SecretError("INVALID_CONFIG", "a dynamic secret can be read only with the slug of its project", {
    reason: "login",
    tip: "Write `projectSlug`.",
  });
}
