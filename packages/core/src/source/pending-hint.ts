/** A hint that has not caused a read yet. */
export interface PendingHint {
  /** `after` if the application also hinted; then no earlier report of the store may answer the read. */
  readonly mode: "hinted" | "after";
  /** The scheduler's stamp of the last hint; content that came with it may answer the read. */
  readonly cameAt: number;
  /** Monotonic time at which a local hint beyond the budget is followed. */
  readonly localAt?: number;
}

/** Returns the pending hint after another one has arrived. */
export function withHint(
  before: PendingHint | undefined,
  mode: PendingHint["mode"],
  cameAt: number,
  localAt: number | undefined = before?.localAt,
): PendingHint {
  return { mode: before?.mode === "after" ? "after" : mode, cameAt, ...(localAt !== undefined && { localAt }) };
}
