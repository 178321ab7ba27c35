/** One armed timer. */
export interface Timer {
  /** Never calls back; harmless when it has. */
  cancel(): void;
  /** Whether this timer keeps the process alive; a new timer does not. */
  keepAlive(on: boolean): void;
}

/** Where time comes from. Nothing else in Tacit reads a clock or arms a timer. */
export interface Clock {
  /** Wall time, milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls back once, not before `delayMs` (at most 2^31-1) have passed. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

// Taken once: a test runner that installs fake timers later must not leave a timer of this client behind, which then
// never fires.
const armTimeout: typeof setTimeout = setTimeout;
const disarmTimeout: typeof clearTimeout = clearTimeout;
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
    // A browser-like environment of a test runner gives numbers, which keep no process alive.
    const timeout = armTimeout(callback, delayMs) as Partial<NodeJS.Timeout>;
    timeout.unref?.();
    return {
      cancel: () => disarmTimeout(timeout as NodeJS.Timeout),
      keepAlive: (on) => void (on ? timeout.ref?.() : timeout.unref?.()),
    };
  },
};
