import type { Scheduler } from "./scheduler.ts";
import { untilAborted } from "./until-aborted.ts";

/** The bounds of one wait. */
export interface RaceBounds<V> {
  /** Each ends the wait: it rejects with the reason of the signal. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  readonly afterMs?: number | undefined;
  /** What the wait gives after `afterMs`, or throws. */
  onLate?(): V;
}

/** Waits for work, at most as long as its bounds allow. Work that is left behind goes on; it cannot end in an unhandled rejection. */
export async function race<V>(
  work: Promise<V>,
  scheduler: Scheduler,
  { signals = [], afterMs, onLate }: RaceBounds<V>,
): Promise<V> {
  const bounded = signals.reduce<Promise<V>>(
    (waiting, signal) => (signal === undefined ? waiting : untilAborted(waiting, signal)),
    work,
  );
  if (afterMs === undefined) return await bounded;
  const { promise, resolve, reject } = Promise.withResolvers<V>();
  const limit = scheduler.after(afterMs, () => {
    try {
      resolve(onLate?.() as V);
    } catch (error) {
      reject(error);
    }
  });
  bounded.then(resolve, reject);
  try {
    return await promise;
  } finally {
    scheduler.cancel(limit);
  }
}
