import type { Lease as Grant } from "../contract/contract.ts";
import type { SecretFacts } from "../secret/secret.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Clock } from "../time/clock.ts";
import type { Task } from "../time/scheduler.ts";

/**
 * The decision of an observer about a leased value. `adopted`: it serves the value. `deciding`: it has not decided yet.
 * `refused`: it does not serve the value now, and decides again later. `discarded`: it will never serve the value.
 */
export type LeaseVerdict = "adopted" | "deciding" | "refused" | "discarded";

/**
 * The state of a lease. `candidate`: issued and not decided on; renewed while a view asks `accept` about it. `serving`: adopted
 * by a view; renewed. `leaving`: served by no view and not renewed; it expires, or is revoked before a new one is issued.
 */
export type LeaseState = "candidate" | "serving" | "leaving";

/** A leased value. Its content stays the same object however often the lease is renewed. */
export interface LeasedValue extends SecretFacts {
  readonly content: object;
}

/**
 * One credential that a store issued for a limited time, and its users. As a task, it is due when it must be renewed or
 * replaced.
 */
export class Lease<P extends LeasedValue> implements Task {
  dueAt = 0;
  slot = -1;
  state: LeaseState = "candidate";
  payload: P;
  /** Whether renewals can no longer extend the lease. */
  notRenewable = false;
  renewing = false;
  /** The code of the last renewal that failed. */
  failedWith: string | undefined;
  /** The duration of the first grant, which renewals request again; 0 without a lease. */
  readonly termMs: number;
  /** The observers that have not decided whether to adopt it. */
  readonly deciding: Set<object> = new Set();
  /** The observers that serve it. */
  readonly holders: Set<object> = new Set();
  readonly #onDue: (lease: Lease<P>) => void;

  constructor(payload: P, onDue: (lease: Lease<P>) => void) {
    this.payload = payload;
    this.termMs = payload.lease?.durationMs ?? 0;
    this.#onDue = onDue;
  }

  /** The lease as the store granted it; undefined if the store only states when the value ends. */
  get grant(): Grant | undefined {
    return this.payload.lease;
  }

  run(): void {
    this.#onDue(this);
  }

  leftMs(clock: Clock): number {
    return untilEndMs(this.payload, clock);
  }

  /**
   * Whether the lease has ended on both clocks. One clock is not enough: setting the wall clock forward ends no lease at its
   * store, and revoking an ended lease is harmless.
   */
  hasLapsed(clock: Clock): boolean {
    const { expiresAt, leaseEndsAt } = this.payload;
    if (expiresAt === undefined || leaseEndsAt === undefined) return this.grant === undefined;
    return expiresAt.getTime() <= clock.now() && leaseEndsAt <= clock.monotonic();
  }
}
