import type { Clock } from "@tacit/core/provider";

/** As core honours it: a store that asks for a day would be a store that is never read again. */
const longestMs = 300_000;

/**
 * Reads a Retry-After header: seconds, or a date as HTTP writes it.
 * @param serverTime what the server takes for now, in milliseconds since the epoch; the clock of this machine may be another hour
 * @returns milliseconds from 0 to 300 000; undefined if there is none or it is neither
 * @see RFC 9110, 5.6.7 and 10.2.3; the two date forms that have been obsolete since 1999 are not read
 */
export function parseRetryAfter(header: string | undefined, clock: Clock, serverTime?: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestMs);
  // Date.parse alone takes much that is no date of HTTP: "1.5" is a day of January.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - (serverTime ?? clock.now()), 0), longestMs);
}
