import type { Scheduler } from "./scheduler.ts";
import { untilAborted } from "./until-aborted.ts";

/** The bounds of one wait. */
export interface RaceBounds<V> {
  /** The signals that end the wait with their reason. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  readonly afterMs?: number | undefined;
  /** Returns the result after `afterMs`, or throws. */
  onLate?(): V;
}

/** Waits for work within its bounds. Abandoned work continues, but cannot cause an unhandled rejection. */
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
