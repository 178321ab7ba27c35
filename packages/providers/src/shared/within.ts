import { type CallContext, type ProviderHost, type SecretError, untilAborted } from "@tacit/core/provider";

/** The time limit of a login; it is below the deadline of a read, 10 s, so that the read fails with the error of the login. */
export const loginLimitMs = 9000;

/** The time limit of a wait, and the error for exceeding it. */
export interface WaitLimit extends CallContext {
  readonly clock: ProviderHost["clock"];
  readonly limitMs: number;
  late(): SecretError;
}

/**
 * Settles with the work, or rejects at the limit or when the signal aborts, without stopping the work.
 * @throws {SecretError} `late()`; the signal's reason
 */
export async function within<T>(work: Promise<T>, { clock, limitMs, late, signal }: WaitLimit): Promise<T> {
  const { promise: end, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimer(() => reject(late()), limitMs);
  try {
    return await untilAborted(Promise.race([work, end]), signal);
  } finally {
    timer.cancel();
  }
}
