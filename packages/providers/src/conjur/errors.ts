import { isRecord } from "../shared/answer.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpRequest } from "../shared/http/client.ts";
import { loginRefused, membersOf, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer. Conjur writes no body with a 401 and a 403, and whatever stands before it writes pages. */
export function meaningOf({ status, isPage }: HttpAnswer, { path }: HttpRequest): StatusMeaning | undefined {
  if (isPage) return undefined;
  if (/^\/authn/.test(path)) return status < 429 && status !== 408 ? refused : undefined;
  if (status === 401) return ended;
  return status === 403 ? denied : undefined;
}

/** Conjur says of a variable without a value, and of one that this role does not see, the same as of one that is not there. */
export function saysMissing(answer: HttpAnswer): boolean {
  const { error } = membersOf(answer);
  return isRecord(error) && error.code === "not_found";
}

const refused = loginRefused(
  "Check the account, the login, the clock of this machine, and whether the authenticator is enabled and permits this host. Conjur's log has the cause.",
);

const ended = loginRefused(
  "If it comes from a file, check the program that writes it: a token is valid for 8 minutes. Otherwise check the clocks.",
  "the access token is malformed or has expired",
);

const denied = rightMissing(
  "the role does not have this permission",
  "Grant it `execute` on the variable in the policy.",
);
