import type { ProviderHost } from "@tacit/core/provider";

/** A response with the store's time when it was sent, in milliseconds since the epoch and exact to the second. */
export interface ServerTimed {
  readonly serverTime: number | undefined;
}

/** Larger than the error from rounding to seconds and from the latency of a response. */
const clockToleranceMs = 10_000;

/** Returns how far the clock of this machine is ahead of the store's; 0 if the difference is unknown or at most 10 s. */
export function clockSkewMs({ serverTime }: ServerTimed, { clock }: Pick<ProviderHost, "clock">): number {
  const skewMs = serverTime === undefined ? 0 : clock.now() - serverTime;
  return Math.abs(skewMs) > clockToleranceMs ? skewMs : 0;
}

/**
 * Converts a time of the store's clock to the clock of this machine.
 * @param at milliseconds since the epoch
 */
export function localTime(at: number, answer: ServerTimed, host: Pick<ProviderHost, "clock">): number {
  return at + clockSkewMs(answer, host);
}
