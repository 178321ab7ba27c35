import type { Clock } from "@tacit/core/provider";

/** The longest pause that core accepts; a header could ask for a day. */
const longestMs = 300_000;

/**
 * Parses a Retry-After header: seconds, or an HTTP date.
 * @param serverTime the time of the server, in milliseconds since the epoch. Default: the clock of this machine, which may differ
 * @returns milliseconds from 0 to 300 000; undefined if the header is missing or has another form
 * @see RFC 9110, 5.6.7 and 10.2.3; the two obsolete date formats are not accepted
 */
export function parseRetryAfter(header: string | undefined, clock: Clock, serverTime?: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestMs);
  // Date.parse also accepts other texts: it reads "1.5" as a day in January.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - (serverTime ?? clock.now()), 0), longestMs);
}
