import type { Duration } from "../time/duration.ts";

/** The options of `ready()`. */
export interface ReadyOptions {
  /** Ends only this call, which rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default: none; a first load is bounded by its own 15 s. */
  readonly timeout?: Duration;
  /** `wait`: secrets that do not exist yet are awaited until the deadline. Default `fail`. */
  readonly missing?: "fail" | "wait";
}
