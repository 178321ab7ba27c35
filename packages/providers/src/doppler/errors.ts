import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpRequest } from "../shared/http/client.ts";
import { loginRefused, membersOf, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer; what Doppler has not written means the same as everywhere. */
export function meaningOf(answer: HttpAnswer, { path }: HttpRequest): StatusMeaning | undefined {
  if (!Array.isArray(membersOf(answer).messages)) return answer.status === 401 ? refused : undefined;
  // A login that is refused comes as 400, 403 or 404, too.
  if (path === "/v3/auth/oidc" && answer.status < 429) return refused;
  return meanings[answer.status];
}

const refused = loginRefused(
  "Check the current content of `auth.token`: the token may be revoked or expired, or the identity may not trust the JWT.",
);

const meanings: Readonly<Record<number, StatusMeaning>> = {
  400: {
    code: "INVALID_CONFIG",
    what: "the token does not belong to a single config",
    reason: "no-store",
    tip: "Set `project` and `config`: only a service token has its own config.",
  },
  401: refused,
  403: rightMissing(
    "the login may not read this config",
    "Use a service token of the config, or grant the service account read access to it.",
  ),
  404: {
    code: "INVALID_CONFIG",
    what: "the project or config does not exist",
    reason: "no-store",
    tip: "Correct `project` and `config`; Doppler hides projects and configs that the login may not read.",
  },
};
