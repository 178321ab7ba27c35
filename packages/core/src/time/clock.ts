/** One armed timer. */
export interface Timer {
  /** Cancels the timer; harmless after it has fired. */
  cancel(): void;
  /** Whether this timer keeps the process alive; a new timer does not. */
  keepAlive(on: boolean): void;
}

/** The source of time. Nothing else in Tacit reads a clock or sets a timer. */
export interface Clock {
  /** Returns the wall time, in milliseconds since the epoch. It may jump. */
  now(): number;
  /** Returns milliseconds since an arbitrary start. They never decrease. */
  monotonic(): number;
  /** Calls back once, after at least `delayMs` (at most 2^31-1). */
  setTimer(callback: () => void, delayMs: number): Timer;
}

// Taken from Node once: with the fake timers of a test runner, timers of this client would never fire. jest may replace the globals
// before any module loads.
const { setTimeout: armTimeout, clearTimeout: disarmTimeout } = process.getBuiltinModule("node:timers");
const wallTime: () => number = Date.now;
// `performance` would load 2 MB of Node that nothing else here needs.
const highResolutionTime: typeof process.hrtime = process.hrtime;

/** The clock of this machine. Fake timers of a test runner do not affect it; use `manualClock` of `@tacit/core/testing` for tests. */
export const systemClock: Clock = {
  now: () => wallTime(),
  monotonic() {
    const [seconds, nanoseconds] = highResolutionTime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  setTimer(callback, delayMs) {
    const timeout = armTimeout(callback, delayMs);
    timeout.unref();
    return {
      cancel: () => disarmTimeout(timeout),
      keepAlive: (on) => void (on ? timeout.ref() : timeout.unref()),
    };
  },
};
