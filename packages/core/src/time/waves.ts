import type { Scheduler } from "./scheduler.ts";

/**
 * Draws the moments at which secrets of one provider are read. Each is random; where one call reads many, a moment that
 * was drawn before and fits is taken again, so that secrets which are due at about the same time are read together.
 */
export class Waves {
  readonly #scheduler: Scheduler;
  readonly #isShared: () => boolean;
  /** Monotonic times that may still be joined. */
  #moments: readonly number[] = [];

  /** @param isShared whether one call reads many; may change when the provider opens */
  constructor(scheduler: Scheduler, isShared: () => boolean) {
    this.#scheduler = scheduler;
    this.#isShared = isShared;
  }

  /**
   * Returns milliseconds from now.
   * @param delayOf the delay for a random number from 0 to 1; a greater number gives no shorter delay
   * @param earliestMs how early a moment may be that is joined; by default `delayOf(0)`
   */
  draw(delayOf: (random: number) => number, earliestMs: number = delayOf(0)): number {
    const drawn = delayOf(this.#scheduler.random());
    if (!this.#isShared()) return drawn;
    const now = this.#scheduler.clock.monotonic();
    const latest = now + delayOf(1);
    this.#moments = this.#moments.filter((moment) => moment > now);
    const joined = this.#moments.filter((moment) => moment >= now + earliestMs && moment <= latest);
    // Half a millisecond is what no rounding of a timer moves to another turn.
    const moment = joined.length > 0 ? Math.max(...joined) : Math.floor(now + drawn) + 0.5;
    if (joined.length === 0) this.#moments = [...this.#moments, moment];
    return Math.max(0, moment - now);
  }
}
