import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { loginRefused, rightMissing, type StatusMeaning } from "../shared/store/status-table.ts";

/** The meaning of a failed answer; the other statuses mean the same everywhere. */
export function meaningOf({ status }: HttpAnswer): StatusMeaning | undefined {
  return meanings[status];
}

/** Nothing at all comes from whatever stands before the store. */
export function saysMissing(answer: HttpAnswer): boolean {
  return answer.bytes().byteLength > 0;
}

const meanings: Readonly<Record<number, StatusMeaning>> = {
  401: loginRefused("Check `auth` and the current content of its credential."),
  403: rightMissing("the login may not read this secret", "Grant it access at the store."),
};

/** For a part of the answer that is not where the options say. */
export function missingPart(option: "select" | "version", pointer: string): SecretError {
  return new SecretError("INVALID_VALUE", `the answer has nothing at ${pointer}, where \`${option}\` points`, {
    reason: "field-missing",
    tip: `Correct \`${option}\`, or the response of the store; the response for a deleted secret must be 410.`,
  });
}

/** For fields that are asked of something else. */
export function notObject(pointer: string | undefined): SecretError {
  return new SecretError("INVALID_VALUE", `${pointer === undefined ? "the answer" : pointer} is not a JSON object`, {
    reason: "not-object",
    tip: 'Write "payload": "value" for a secret without members, or correct `select`.',
  });
}
