import type { Clock } from "@tacit/core/provider";

/**
 * A moment in the future, kept on both clocks: after a machine was suspended only the wall clock knows how late it is, and
 * after the wall clock was set only the monotonic one does.
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

  /** By the clock that is further on; 0 where it has come. */
  get leftMs(): number {
    return Math.max(0, Math.min(...this.#left()));
  }

  /** Whether it has come by both clocks. By one alone that clock may have been set. */
  get isSurelyOver(): boolean {
    return Math.max(...this.#left()) <= 0;
  }

  #left(): readonly [number, number] {
    return [this.#monotonic - this.#clock.monotonic(), this.#wall - this.#clock.now()];
  }
}
