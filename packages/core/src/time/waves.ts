import type { Scheduler } from "./scheduler.ts";

/**
 * Draws the moments at which secrets of one provider are read. Each is random; where secrets may share one, a moment that
 * was drawn before and fits is taken again, so that secrets which are due at about the same time are read together.
 */
export class Waves {
  readonly #scheduler: Scheduler;
  readonly #size: () => number;
  /** Monotonic time -> how many more may join it */
  readonly #moments: Map<number, number> = new Map();

  /** @param size how many secrets may share a moment; may change when the provider opens */
  constructor(scheduler: Scheduler, size: () => number) {
    this.#scheduler = scheduler;
    this.#size = size;
  }

  /**
   * Returns milliseconds from now.
   * @param delayOf the delay for a random number from 0 to 1; a greater number gives no shorter delay
   * @param earliestMs how early a moment may be that is joined; by default `delayOf(0)`
   */
  draw(delayOf: (random: number) => number, earliestMs: number = delayOf(0)): number {
    const drawn = delayOf(this.#scheduler.random());
    const size = this.#size();
    if (size <= 1) return drawn;
    const now = this.#scheduler.clock.monotonic();
    const joined = this.#latestBetween(now, now + earliestMs, now + delayOf(1));
    // Half a millisecond is what no rounding of a timer moves to another turn.
    const moment = joined ?? Math.floor(now + drawn) + 0.5;
    this.#moments.set(moment, (this.#moments.get(moment) ?? size) - 1);
    return Math.max(0, moment - now);
  }

  #latestBetween(now: number, earliest: number, latest: number): number | undefined {
    let found: number | undefined;
    for (const [moment, places] of this.#moments) {
      if (moment <= now || places <= 0) this.#moments.delete(moment);
      else if (moment >= earliest && moment <= latest && moment > (found ?? 0)) found = moment;
    }
    return found;
  }
}
