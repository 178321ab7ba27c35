import type { Clock } from "@tacit/core/provider";

/**
 * A time in the future by both clocks: after the machine was suspended, only the wall clock is right; after the wall clock was
 * set, only the monotonic one is.
 */
export class EndOnClocks {
  readonly #clock: Clock;
  readonly #monotonic: number;
  readonly #wall: number;

  constructor(afterMs: number, clock: Clock) {
    this.#clock = clock;
    this.#monotonic = clock.monotonic() + afterMs;
    this.#wall = clock.now() + afterMs;
  }

  /** The milliseconds left by the clock that is further ahead; 0 if the time has come. */
  get leftMs(): number {
    return Math.max(0, Math.min(...this.#left()));
  }

  /** Whether the time has come by both clocks. A single clock may have been set. */
  get isSurelyOver(): boolean {
    return Math.max(...this.#left()) <= 0;
  }

  #left(): readonly [number, number] {
    return [this.#monotonic - this.#clock.monotonic(), this.#wall - this.#clock.now()];
  }
}
