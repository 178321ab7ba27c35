import { SecretError } from "../error/secret-error.ts";
import type { Lease } from "./contract.ts";

/** The maximum time of a Date. */
const endOfTime = 8.64e15;

/** Returns whether a value of an adapter, which may be plain JavaScript, is a lease. */
export function isLease(lease: Partial<Lease> | undefined): lease is Lease {
  if (typeof lease !== "object" || lease === null || typeof lease.id !== "string") return false;
  return Number.isFinite(lease.durationMs) && Number(lease.durationMs) >= 0 && typeof lease.renewable === "boolean";
}

/** Copies a lease without other members. */
export function plainLease({ id, durationMs, renewable }: Lease): Lease {
  return { id, durationMs, renewable };
}

/** Returns the end of a lease that was requested at a wall time. The store counts from a later time. */
export function endOfLease({ durationMs }: Lease, askedAt: number): Date {
  return new Date(Math.min(endOfTime, askedAt + durationMs));
}

/** Returns the error of an adapter that returned an invalid lease. */
export function noLease(provider: string): SecretError {
  return new SecretError("INTERNAL", `provider "${provider}" returned something that is not a lease`, {
    provider,
    reason: "invalid-result",
    tip: "Run the conformance kit on the adapter.",
  });
}
