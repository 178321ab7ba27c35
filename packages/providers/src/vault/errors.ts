import { isSecretError, SecretError } from "@tacit/core/provider";

/** A denial of a read with the rule that is missing, where that is known; any other error as it is. Paths are no secret. */
export function policyDenial(error: unknown, named: string | undefined): unknown {
  if (named === undefined || !isSecretError(error, "PERMISSION_DENIED") || error.reason !== "policy") return error;
  return new SecretError("PERMISSION_DENIED", `the token's policies do not allow it to read "${named}"`, {
    reason: "policy",
    retryAfterMs: error.retryAfterMs,
    cause: error,
    tip: `Grant it: path "${named}" { capabilities = ["read"] }. Or correct \`mount\` and \`engine\`: Vault also denies paths that are not mounted.`,
  });
}
