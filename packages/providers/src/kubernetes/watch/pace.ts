/** The way in which one connection of a watch ended. */
export type WatchEnd =
  /** It timed out, or its version was too old. */
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly isDenied: boolean; readonly retryAfterMs: number | undefined };

/**
 * Returns the milliseconds to wait before the next connection. After a normal end, the clients of a fleet spread over a second.
 * After a failure, the wait doubles up to 30 s, or up to 60 s for a denial, which lasts and fills the audit log; it begins like
 * that of other failures, because a server that starts denies everything. With a Retry-After, the wait is at least that long,
 * and at most four times as long.
 * @param failures in a row, including this one
 */
export function nextAttemptMs(end: WatchEnd, failures: number, random: () => number): number {
  if (end.kind === "ended") return random() * longestAfterEndMs;
  const { isDenied, retryAfterMs } = end;
  const named =
    retryAfterMs === undefined ? Number.POSITIVE_INFINITY : Math.max(firstMs, retryAfterMs * mostNamedPauses);
  const longest = Math.min(isDenied ? longestDeniedMs : longestMs, named);
  const full = Math.min(longest, firstMs * 2 ** Math.min(failures - 1, 30));
  const floor = (retryAfterMs ?? 0) * (1 + random() / 4);
  return Math.max(floor, full / 2 + random() * (full / 2));
}

const longestAfterEndMs = 1000;
const firstMs = 1000;
const longestMs = 30_000;
const longestDeniedMs = 60_000;
const mostNamedPauses = 4;
