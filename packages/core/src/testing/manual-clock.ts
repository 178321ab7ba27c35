import { checkArgument, checkOptions, rules } from "../name/check-options.ts";
import type { Clock, Timer } from "../time/clock.ts";

/** A clock that only moves when it is told to. */
export interface ManualClock extends Clock {
  /** Lets time pass: fires due timers in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Moves only the wall clock, as an operator or a time service does; a negative number moves it back. */
  jump(ms: number): void;
  /** Lets time pass without firing timers in between, as a suspended machine or a stopped process does. */
  suspend(ms: number, options?: { readonly monotonicStops?: boolean }): void;
  /** Lets promises settle without moving time. */
  flush(): Promise<void>;
  /** The number of active timers. */
  readonly armed: number;
}

interface Armed {
  readonly dueAt: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Makes a manual clock. @param startAt wall time; default 2026-01-01T00:00:00Z */
export function manualClock(startAt: Date = new Date("2026-01-01T00:00:00Z")): ManualClock {
  const timers = new Set<Armed>();
  let wall = startAt.getTime();
  let monotonic = 0;
  let order = 0;

  const setTimer = (callback: () => void, delayMs: number): Timer => {
    if (!(delayMs >= 0 && delayMs <= 2 ** 31 - 1)) throw new RangeError("a timer takes 0 to 2^31-1 milliseconds");
    const timer: Armed = { dueAt: monotonic + delayMs, order: order++, callback };
    timers.add(timer);
    return { cancel: () => void timers.delete(timer), keepAlive: () => undefined };
  };

  const move = (ms: number): void => {
    wall += ms;
    monotonic += ms;
  };

  const firstDue = (until: number): Armed | undefined => {
    let first: Armed | undefined;
    for (const timer of timers) {
      if (timer.dueAt > until) continue;
      if (
        first === undefined ||
        timer.dueAt < first.dueAt ||
        (timer.dueAt === first.dueAt && timer.order < first.order)
      )
        first = timer;
    }
    return first;
  };

  const advance = async (ms: number): Promise<void> => {
    // A text would be joined to the time instead of being added to it, and every timer would be due.
    checkArgument("advance", "ms", ms, isDelay);
    const until = monotonic + ms;
    await flush();
    for (let timer = firstDue(until); timer !== undefined; timer = firstDue(until)) {
      timers.delete(timer);
      move(Math.max(0, timer.dueAt - monotonic));
      timer.callback();
      await flush();
    }
    move(until - monotonic);
  };

  return {
    now: () => wall,
    monotonic: () => monotonic,
    setTimer,
    advance,
    jump: (ms) => {
      checkArgument("jump", "ms", ms, isMilliseconds);
      wall += ms;
    },
    suspend: (ms, options) => {
      checkArgument("suspend", "ms", ms, isDelay);
      checkOptions("suspend", options, suspendRules);
      const { monotonicStops = false } = options ?? {};
      wall += ms;
      if (!monotonicStops) monotonic += ms;
    },
    flush,
    get armed() {
      return timers.size;
    },
  };
}

// Node's own, taken when this module loads: fake timers of a test runner replace the global one, and jest may do so before any
// module loads.
const { setImmediate: nextTurn } = process.getBuiltinModule("node:timers");

/** A turn of the event loop runs every promise job that is queued, and every one that those queue. */
function flush(): Promise<void> {
  return new Promise((resolve) => void nextTurn(resolve));
}

const suspendRules = { monotonicStops: rules.flag };

function isMilliseconds(value: unknown): string | undefined {
  return Number.isFinite(value) ? undefined : "must be a number of milliseconds";
}

function isDelay(value: unknown): string | undefined {
  return isMilliseconds(value) ?? (Number(value) >= 0 ? undefined : "must be a number of milliseconds, 0 or more");
}
