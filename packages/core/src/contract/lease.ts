import { SecretError } from "../error/secret-error.ts";
import type { Lease } from "./contract.ts";

/** The last moment that a Date can hold. */
const endOfTime = 8.64e15;

/** Whether an adapter, perhaps of plain JavaScript, answered a lease. */
export function isLease(lease: Partial<Lease> | undefined): lease is Lease {
  if (typeof lease !== "object" || lease === null || typeof lease.id !== "string") return false;
  return Number.isFinite(lease.durationMs) && Number(lease.durationMs) >= 0 && typeof lease.renewable === "boolean";
}

/** The lease and nothing else that an adapter may have left on it. */
export function plainLease({ id, durationMs, renewable }: Lease): Lease {
  return { id, durationMs, renewable };
}

/** When a lease ends, if it was asked for at that wall time; the store counts from a later one. */
export function endOfLease({ durationMs }: Lease, askedAt: number): Date {
  return new Date(Math.min(endOfTime, askedAt + durationMs));
}

export function noLease(provider: string): SecretError {
  return new SecretError("INTERNAL", `provider "${provider}" returned something that is not a lease`, {
    provider,
    reason: "invalid-result",
    tip: "Run the conformance kit on the adapter.",
  });
}
