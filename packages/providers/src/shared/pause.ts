import type { Clock } from "@tacit/core/provider";

/** What a pause may be told. */
export interface PauseOptions {
  /** Somebody waits for what comes after it, so the process must not end before. Default false. */
  readonly keepsAlive?: boolean;
}

/** Waits on the given clock; an abort ends it with the signal's reason. */
export async function pause(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal,
  { keepsAlive = false }: PauseOptions = {},
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(resolve, delayMs);
  timer.keepAlive(keepsAlive);
  try {
    await unlessAborted(promise, signal);
  } finally {
    timer.cancel();
  }
}

/** Answers as the promise does, or ends with the signal's reason as soon as it aborts: a call into a hung mount never returns. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
