import { isSecretError, SecretError } from "@tacit/core/provider";

/** Adds the missing policy to the error of a denied read, if its path is known; returns any other error unchanged. */
export function policyDenial(error: unknown, named: string | undefined): unknown {
  if (named === undefined || !isSecretError(error, "PERMISSION_DENIED") || error.reason !== "policy") return error;
  return new SecretError("PERMISSION_DENIED", `the token's policies do not allow it to read "${named}"`, {
    reason: "policy",
    retryAfterMs: error.retryAfterMs,
    cause: error,
    tip: `Grant it: path "${named}" { capabilities = ["read"] }. Or correct \`mount\` and \`engine\`: Vault also denies paths that are not mounted.`,
  });
}
