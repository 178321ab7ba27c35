import type { SharedWatchPool } from "./path-watch.ts";
import { openSharedWatch, type SharedWatch, type WatchEvent, type WatchSurroundings } from "./shared-watch.ts";
import { keyOfPlan, type WatchPlan } from "./watch-plan.ts";

interface Pooled {
  readonly opening: Promise<SharedWatch>;
  /** Absent until it stands. */
  watch?: SharedWatch;
  /** One for each use. */
  readonly listeners: Set<{ readonly tell: (event: WatchEvent) => void }>;
}

/** Makes the pool of one provider. */
export function createWatchPool(surroundings: WatchSurroundings): SharedWatchPool {
  /** key of a plan -> its watch */
  const pool = new Map<string, Pooled>();
  const close = ({ opening }: Pooled): Promise<void> => opening.then((watch) => watch.close()).catch(() => undefined);
  const open = (plan: WatchPlan): Pooled => {
    const listeners: Pooled["listeners"] = new Set();
    const tellAll = (event: WatchEvent): void => tellInTurns(listeners, event);
    const pooled: Pooled = { opening: openSharedWatch(surroundings, plan, tellAll), listeners };
    pool.set(keyOfPlan(plan), pooled);
    pooled.opening.catch(() => pool.delete(keyOfPlan(plan)));
    return pooled;
  };
  const pooledFor = (plan: WatchPlan): Pooled => {
    const pooled = pool.get(keyOfPlan(plan));
    return pooled === undefined || pooled.watch?.isDead ? open(plan) : pooled;
  };
  return {
    async acquire(plan, tell) {
      const pooled = pooledFor(plan);
      const listener = { tell };
      pooled.listeners.add(listener);
      const watch = await pooled.opening;
      pooled.watch = watch;
      return {
        watch,
        async release() {
          if (!pooled.listeners.delete(listener) || pooled.listeners.size > 0) return;
          if (pool.get(keyOfPlan(plan)) === pooled) pool.delete(keyOfPlan(plan));
          await close(pooled);
        },
      };
    },
  };
}

/** Each begins a read at once; together they take about 3 ms. */
const listenersPerTurn = 256;

/** Tells all who listen now, in as many turns of the event loop as leave other work of the process its share. */
function tellInTurns(listeners: Pooled["listeners"], event: WatchEvent): void {
  const waiting = [...listeners];
  const tellSome = (): void => {
    for (const listener of waiting.splice(0, listenersPerTurn)) if (listeners.has(listener)) listener.tell(event);
    if (waiting.length > 0) setImmediate(tellSome);
  };
  tellSome();
}
