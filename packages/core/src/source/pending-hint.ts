/** A hint that no read has followed yet. */
export interface PendingHint {
  /** `after` if the application also hinted: no earlier report of the store may answer the read. */
  readonly mode: "hinted" | "after";
  /** The stamp of the last one: the content that came with it may answer the read. */
  readonly cameAt: number;
  /** Monotonic time at which a local hint beyond the budget is followed. */
  readonly localAt?: number;
}

/** Adds a hint to the pending ones. */
export function withHint(
  before: PendingHint | undefined,
  mode: PendingHint["mode"],
  cameAt: number,
  localAt: number | undefined = before?.localAt,
): PendingHint {
  return { mode: before?.mode === "after" ? "after" : mode, cameAt, ...(localAt !== undefined && { localAt }) };
}
