import type { Clock } from "../time/clock.ts";
import type { SecretFacts } from "./secret.ts";

/** Milliseconds until a value's own end, Infinity where it has none. A wall clock that is set back lengthens no lease. */
export function untilEndMs({ expiresAt, leaseEndsAt }: SecretFacts, clock: Clock): number {
  const wallMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt.getTime() - clock.now();
  return leaseEndsAt === undefined ? wallMs : Math.min(wallMs, leaseEndsAt - clock.monotonic());
}
