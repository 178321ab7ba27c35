import type { Clock } from "../time/clock.ts";

/** When a value ends; absent where it does not. */
export interface ValueEnd {
  readonly expiresAt?: Date;
  /** The end of a lease, in monotonic time. */
  readonly leaseEndsAt?: number;
}

/** Milliseconds until a value's own end, Infinity where it has none. A wall clock that is set back lengthens no lease. */
export function untilEndMs({ expiresAt, leaseEndsAt }: ValueEnd, clock: Clock): number {
  const wallMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt.getTime() - clock.now();
  return leaseEndsAt === undefined ? wallMs : Math.min(wallMs, leaseEndsAt - clock.monotonic());
}
