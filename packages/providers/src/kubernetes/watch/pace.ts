/** How one connection of a watch ended. */
export type WatchEnd =
  /** By its time, or because its version was too old. */
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly isDenied: boolean; readonly retryAfterMs: number | undefined };

/**
 * How long to wait before the next connection, in milliseconds. A fleet whose watches all end in one moment spreads over a
 * second; an outage is met with up to 30 s. A denial is met with up to 60 s, as it lasts and fills the audit log; but a
 * server that starts denies everything until it has read its roles, so it begins like an outage. A server that names a
 * pause knows when it will be well: the wait is at most four times that.
 * @param failures in a row, this one included
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
