import type { ProviderHost } from "@tacit/core/provider";
import type { ServerTimed } from "./server-time.ts";

/** An estimate of a store's wall clock from the Date headers of its responses. */
export class ServerClock {
  readonly #clock: ProviderHost["clock"];
  #lastTime: number | undefined;
  /** How far the store's clock is ahead of the clock of this machine. */
  #aheadMs = 0;

  constructor({ clock }: Pick<ProviderHost, "clock">) {
    this.#clock = clock;
  }

  /** The store's time in the last response that contained it, in milliseconds since the epoch. */
  get lastTime(): number | undefined {
    return this.#lastTime;
  }

  /** Updates the estimate from a response that has just arrived. */
  note({ serverTime }: ServerTimed): void {
    if (serverTime === undefined) return;
    this.#lastTime = serverTime;
    this.#aheadMs = serverTime - this.#clock.now();
  }

  /** Returns the store's current time, in milliseconds since the epoch; before the first response, the time of this machine. */
  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }
}
