import { isSecretError, SecretError } from "../error/secret-error.ts";
import { type MaskWords, thrownBy } from "../error/thrown.ts";

/** The application's code that was called: the decoder of `as`, `accept`, or `open` of a derived resource. */
export type Phase = "decoder" | "accept" | "open";

/** Thrown if `accept` returns `false`. */
export const declined: unique symbol = Symbol("declined");

const tip = "The last good value is kept, if there is one; the new one is retried with a backoff.";

/**
 * Converts the reason for which an admission ended into an error.
 * @param mask masks the messages of errors of the application's code
 * @param signal the signal of the admission; if it has ended the admission, its reason is returned
 */
export function whyRefused(
  reference: string,
  error: unknown,
  phase: Phase,
  mask: MaskWords,
  signal?: AbortSignal,
): SecretError {
  if (signal?.aborted === true && error === signal.reason && isSecretError(error)) return error;
  if (isSecretError(error) && error.reason === "expired" && error.reference === reference) return error;
  if (phase === "decoder" && isSecretError(error, "INVALID_VALUE", "REFUSED")) return error;
  if (error === declined) return saidNo(reference);
  return refusedBy(reference, error, phase, mask);
}

/** Returns the error for code of the application that threw when it received a value. */
export function refusedBy(reference: string, error: unknown, phase: Phase, mask: MaskWords): SecretError {
  const { words, cause } = thrownBy(error, mask);
  const by = { decoder: "its decoder", accept: "`accept`", open: "`open` of `derive`" }[phase];
  return new SecretError("REFUSED", `the value of "${reference}" was refused: ${by} threw ${words}`, {
    reason: "threw",
    retryable: phase !== "decoder",
    reference,
    cause,
    tip: phase === "decoder" ? "Correct the decoder: it should throw INVALID_VALUE for a value it cannot read." : tip,
  });
}

function saidNo(reference: string): SecretError {
  return new SecretError("REFUSED", `the value of "${reference}" was refused: \`accept\` returned false`, {
    reason: "declined",
    retryable: true,
    reference,
    tip: `${tip} An \`accept\` that throws instead can give the reason.`,
  });
}

/** Returns the error for a new value that has already expired, which must not replace a valid one. */
export function endedAlready(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `the new value of "${reference}" has already ended`, {
    reason: "expired",
    reference,
    tip: "Write a value that has not ended to the store, and compare the clocks of this machine and the issuer.",
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
    "REFUSED",
    `the value of "${reference}" was refused: nothing answered within ${deadlineMs / 1000} s`,
    {
      reason: "timeout",
      retryable: true,
      reference,
      tip: `${tip} An \`accept\` that reads an alias whose own \`accept\` reads this one waits for itself.`,
    },
  );
}
