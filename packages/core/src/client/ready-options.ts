import type { Duration } from "../time/duration.ts";

/** The options of `ready()`. */
export interface ReadyOptions {
  /** Ends only this call, which rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The deadline of this call. Default: none, but each first load ends after 15 s. */
  readonly timeout?: Duration;
  /** `wait` waits until the deadline for secrets that do not exist yet. Default: `fail`. */
  readonly missing?: "fail" | "wait";
}
