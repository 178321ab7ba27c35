const firstMs = 1_000;
const longestMs = 60_000;
const shortestMs = 500;
const longestRetryAfterMs = 300_000;

/**
 * Returns the wait after failure number `failures` (1 for the first), in milliseconds. Equal jitter spreads the retries of a
 * fleet. The Retry-After of a store, at most 5 minutes, is a minimum, to which jitter is added.
 */
export function backoffMs(failures: number, random: () => number, retryAfterMs?: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  const wait = Math.max(shortestMs, full / 2 + random() * (full / 2));
  return retryAfterMs === undefined ? wait : Math.max(wait, retryAfterFloorMs(retryAfterMs) * (1 + random() / 4));
}

/** Returns the minimum wait for a Retry-After: at most 5 minutes, and 0 for an invalid or negative value. */
export function retryAfterFloorMs(retryAfterMs: number): number {
  return retryAfterMs > 0 ? Math.min(longestRetryAfterMs, retryAfterMs) : 0;
}
