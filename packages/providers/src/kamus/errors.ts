import type { HttpAnswer } from "../shared/http/answer.ts";
import { loginRefused, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer; the other statuses mean the same everywhere. */
export function meaningOf({ status, isPage }: HttpAnswer): StatusMeaning | undefined {
  // Whatever stands before Kamus writes a 400 of its own.
  return isPage ? undefined : meanings[status];
}

const meanings: Readonly<Record<number, StatusMeaning>> = {
  400: {
    code: "INVALID_VALUE",
    what: "it cannot decrypt an item for this service account",
    reason: "no-key",
    tip: "Encrypt it for this service account and namespace, with this installation of Kamus.",
  },
  401: loginRefused(
    "Kamus does not request an audience: use a token for the API server, not one that is projected for another audience.",
    "the token was refused",
  ),
  403: rightMissing("the token does not belong to a service account", "Use the token that is mounted into the pod."),
};
