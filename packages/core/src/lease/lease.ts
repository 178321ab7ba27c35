import type { Lease as Grant } from "../contract/contract.ts";
import type { SecretFacts } from "../secret/secret.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Clock } from "../time/clock.ts";
import type { Task } from "../time/scheduler.ts";

/**
 * The decision of an observer about a leased value: it serves it; it is deciding; it refused it for now and decides again
 * later; it never will serve it.
 */
export type LeaseVerdict = "adopted" | "deciding" | "refused" | "discarded";

/**
 * candidate: issued and not decided on; renewed while a view asks `accept` about it. serving: a view has taken it over;
 * renewed. leaving: no view serves it; not renewed: it expires, and is revoked before a new one is issued.
 */
export type LeaseState = "candidate" | "serving" | "leaving";

/** A leased value; its content stays the same object however often the lease is renewed. */
export interface LeasedValue extends SecretFacts {
  readonly content: object;
}

/** One credential that a store issued for a time, and who uses it. As a task: the moment at which to renew or replace it. */
export class Lease<P extends LeasedValue> implements Task {
  dueAt = 0;
  slot = -1;
  state: LeaseState = "candidate";
  payload: P;
  /** No renewal helps any more. */
  notRenewable = false;
  renewing = false;
  /** The code of the last renewal that failed. */
  failedWith: string | undefined;
  /** Of the first grant; what a renewal asks for. */
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

  /** The lease of the store; undefined if the store only states when the value ends. */
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
   * Whether it has certainly ended, on both clocks. Setting the wall clock forward ends no lease at its store, and revoking an
   * ended lease is harmless.
   */
  hasLapsed(clock: Clock): boolean {
    const { expiresAt, leaseEndsAt } = this.payload;
    if (expiresAt === undefined || leaseEndsAt === undefined) return this.grant === undefined;
    return expiresAt.getTime() <= clock.now() && leaseEndsAt <= clock.monotonic();
  }
}
