import type { Scheduler } from "./scheduler.ts";

/**
 * Chooses the random times of reads of one provider. If several secrets may be read together, a time that was chosen before is
 * used again if it is suitable, so that secrets that are due at about the same time are read together.
 */
export class Waves {
  readonly #scheduler: Scheduler;
  readonly #size: () => number;
  /** monotonic time -> the number of secrets that may still join it */
  readonly #moments: Map<number, number> = new Map();

  /** @param size returns how many secrets may share a time; it may change when the provider opens */
  constructor(scheduler: Scheduler, size: () => number) {
    this.#scheduler = scheduler;
    this.#size = size;
  }

  /**
   * Returns the delay until the read, in milliseconds.
   * @param delayOf returns the delay for a random number from 0 to 1; must be monotonic
   * @param earliestMs the minimum delay of a time to join. Default: `delayOf(0)`
   */
  draw(delayOf: (random: number) => number, earliestMs: number = delayOf(0)): number {
    const drawn = delayOf(this.#scheduler.random());
    const size = this.#size();
    if (size <= 1) return drawn;
    const now = this.#scheduler.clock.monotonic();
    const joined = this.#latestBetween(now, now + earliestMs, now + delayOf(1));
    // With half a millisecond, rounding by a timer does not move the time to another turn.
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
