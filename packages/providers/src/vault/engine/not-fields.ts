import { SecretError } from "@tacit/core/provider";

/** For an answer whose data is no JSON object. */
export function notFields(): SecretError {
  return new SecretError("INVALID_VALUE", "what is stored there is no object with fields", {
    reason: "not-object",
    tip: "Check that `engine` says what is mounted there, and write the secret as keys with values.",
  });
}
