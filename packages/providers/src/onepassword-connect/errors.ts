import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { loginRefused, membersOf, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer; the other statuses mean the same everywhere. */
export function meaningOf({ status }: HttpAnswer): StatusMeaning | undefined {
  return meanings[status];
}

/** Whether Connect itself says that there is no such item. */
export function saysMissing(answer: HttpAnswer): boolean {
  const { status, message } = membersOf(answer);
  return status === 404 && typeof message === "string";
}

const meanings: Readonly<Record<number, StatusMeaning>> = {
  401: loginRefused(
    "Check the current content of `auth.token`: the token may be revoked or expired, or belong to another Connect server.",
    "the token was refused",
  ),
  403: rightMissing("the token may not read this vault", "Grant the token read access to the vault."),
};

/** For a vault that is not there. */
export function noVault(count: number): SecretError {
  const what = count === 0 ? "no vault with the name in `vault` or in the path" : `${count} vaults with that name`;
  return new SecretError("INVALID_CONFIG", `the Connect server shows this token ${what}`, {
    reason: "no-store",
    tip: "Write the id of the vault, and check which vaults the token may read.",
  });
}

/** For titles and labels, of which 1Password takes the same one any number of times. */
export function ambiguous(what: string, tip: string): SecretError {
  return new SecretError("INVALID_VALUE", what, { reason: "ambiguous", tip });
}
