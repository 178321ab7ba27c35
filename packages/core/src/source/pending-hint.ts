/** A hint that no read has followed yet. */
export interface PendingHint {
  /** `after` where the application hinted, too: nothing that the store told earlier may answer the read. */
  readonly mode: "hinted" | "after";
  /** The stamp of the last one: what the store told with it may answer the read. */
  readonly cameAt: number;
  /** Monotonic time at which a local hint beyond the budget is followed. */
  readonly localAt?: number;
}

/** Adds a hint to those that wait already. */
export function withHint(
  before: PendingHint | undefined,
  mode: PendingHint["mode"],
  cameAt: number,
  localAt: number | undefined = before?.localAt,
): PendingHint {
  return { mode: before?.mode === "after" ? "after" : mode, cameAt, ...(localAt !== undefined && { localAt }) };
}
