import type { ProviderHost } from "@tacit/core/provider";

/** An answer that says when the store sent it, by the store's clock and to the second. */
export interface ServerTimed {
  readonly serverTime: number | undefined;
}

/** Above what rounding to seconds and the way of an answer make. */
const clockToleranceMs = 10_000;

/** Returns how far the clock of this machine is ahead of the store's; 0 where that is too little to tell, or not known. */
export function clockSkewMs({ serverTime }: ServerTimed, { clock }: Pick<ProviderHost, "clock">): number {
  const skewMs = serverTime === undefined ? 0 : clock.now() - serverTime;
  return Math.abs(skewMs) > clockToleranceMs ? skewMs : 0;
}

/**
 * Returns a moment of the store's clock by the clock of this machine, which is the one that looks at it.
 * @param at in milliseconds since the epoch
 */
export function localTime(at: number, answer: ServerTimed, host: Pick<ProviderHost, "clock">): number {
  return at + clockSkewMs(answer, host);
}
