import { isSecretError, SecretError } from "../error/secret-error.ts";

const tip = "The last good value is kept; `accept` and `derive` are asked again.";

/**
 * Turns what ended an admission into the error that says so.
 * @param phase whether the value was decoded when it happened
 * @param signal whose reason, where it ended the question, has its own words
 */
export function whyRefused(
  reference: string,
  error: unknown,
  phase: "undecodable" | "refused",
  signal?: AbortSignal,
): SecretError {
  if (signal?.aborted === true && error === signal.reason && isSecretError(error)) return error;
  if (isSecretError(error) && error.reason === "expired" && error.reference === reference) return error;
  if (phase === "undecodable" && isSecretError(error, "INVALID_VALUE")) return error;
  return phase === "refused"
    ? new SecretError("INVALID_VALUE", `the new value of "${reference}" was not accepted`, {
        reason: "refused",
        retryable: true,
        reference,
        cause: error,
        tip,
      })
    : new SecretError("INVALID_VALUE", `the new value of "${reference}" cannot be decoded`, {
        reason: "schema",
        retryable: false,
        reference,
        cause: error,
        tip: "The schema itself failed.",
      });
}

/** A certificate that has ended must not take the place of one that has not. */
export function endedAlready(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `the new value of "${reference}" has ended already`, {
    reason: "expired",
    reference,
    tip: "Write a value that has not ended into the store, and compare the clocks of this machine and of the issuer.",
  });
}

export function superseded(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `a newer value of "${reference}" has arrived`, {
    reason: "superseded",
    reference,
  });
}

export function tooLate(reference: string, deadlineMs: number): SecretError {
  return new SecretError(
    "INVALID_VALUE",
    `the new value of "${reference}" was not accepted within ${deadlineMs / 1000} s`,
    {
      reason: "refused",
      retryable: true,
      reference,
      tip: `${tip} An \`accept\` that reads an alias whose own \`accept\` reads this one waits for itself.`,
    },
  );
}
