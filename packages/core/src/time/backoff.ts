const firstMs = 1_000;
const longestMs = 60_000;
const shortestMs = 500;
const longestRetryAfterMs = 300_000;

/**
 * How long to wait after failure number `failures` (1 for the first), in milliseconds.
 * Equal jitter keeps a fleet from coming back in one second; a store's own Retry-After is a floor, capped at 5 minutes,
 * and only ever prolonged.
 */
export function backoffMs(failures: number, random: () => number, retryAfterMs?: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  const wait = Math.max(shortestMs, full / 2 + random() * (full / 2));
  return retryAfterMs === undefined ? wait : Math.max(wait, retryAfterFloorMs(retryAfterMs) * (1 + random() / 4));
}

/** A Retry-After as it is honoured: never negative, never over 5 minutes, zero for nonsense. */
export function retryAfterFloorMs(retryAfterMs: number): number {
  return retryAfterMs > 0 ? Math.min(longestRetryAfterMs, retryAfterMs) : 0;
}
