import type { ProviderHost } from "@tacit/core/provider";
import type { ServerTimed } from "./server-time.ts";

/** The wall clock of a store, as its answers tell it. */
export class ServerClock {
  readonly #clock: ProviderHost["clock"];
  #lastTime: number | undefined;
  /** How far it is ahead of the clock of this machine. */
  #aheadMs = 0;

  constructor({ clock }: Pick<ProviderHost, "clock">) {
    this.#clock = clock;
  }

  /** Its time with the last answer that told it, in milliseconds since the epoch. */
  get lastTime(): number | undefined {
    return this.#lastTime;
  }

  /** Takes the time from an answer that has just come. */
  note({ serverTime }: ServerTimed): void {
    if (serverTime === undefined) return;
    this.#lastTime = serverTime;
    this.#aheadMs = serverTime - this.#clock.now();
  }

  /** Its time now; before the first answer, that of this machine. */
  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }
}
