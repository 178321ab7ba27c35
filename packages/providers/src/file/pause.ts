import type { Clock } from "@tacit/core/provider";

/** Waits on the given clock; an abort ends it with the signal's reason. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimer(end, delayMs);
  timer.keepAlive(true);
  const onAbort = (): void => {
    timer.cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  function end(): void {
    signal.removeEventListener("abort", onAbort);
    resolve();
  }
  return promise;
}

/** Answers as the promise does, or ends with the signal's reason: a call into a hung mount never returns. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", onAbort));
}
