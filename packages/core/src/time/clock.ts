/** One armed timer. */
export interface Timer {
  /** Cancels the timer; harmless after it has fired. */
  cancel(): void;
  /** Whether this timer keeps the process alive; a new timer does not. */
  keepAlive(on: boolean): void;
}

/** The source of time. Nothing else in Tacit reads a clock or sets a timer. */
export interface Clock {
  /** Wall time, milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls back once, not before `delayMs` (at most 2^31-1) have passed. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

// Node's own, taken once: a test runner that fakes the global ones must not leave a timer of this client behind, which then never
// fires; jest may do so before any module loads.
const { setTimeout: armTimeout, clearTimeout: disarmTimeout } = process.getBuiltinModule("node:timers");
const wallTime: () => number = Date.now;
// `performance` loads a part of Node that nothing else here needs, 2 MB of it.
const highResolutionTime: typeof process.hrtime = process.hrtime;

/** The clock of this machine. Fake timers of a test runner do not move it; `manualClock` of `@tacit/core/testing` is for that. */
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
