import type { Clock } from "../time/clock.ts";

/** The end of a value; undefined members if it has none. */
export interface ValueEnd {
  readonly expiresAt?: Date;
  /** The monotonic time of the end of the lease. */
  readonly leaseEndsAt?: number;
}

/** Returns the milliseconds until a value ends; Infinity if it does not. Setting the wall clock back does not extend a lease. */
export function untilEndMs({ expiresAt, leaseEndsAt }: ValueEnd, clock: Clock): number {
  const wallMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt.getTime() - clock.now();
  return leaseEndsAt === undefined ? wallMs : Math.min(wallMs, leaseEndsAt - clock.monotonic());
}
