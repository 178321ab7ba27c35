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

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delayMs) {
    const timeout = setTimeout(callback, delayMs).unref();
    return {
      cancel: () => clearTimeout(timeout),
      keepAlive: (on) => void (on ? timeout.ref() : timeout.unref()),
    };
  },
};
