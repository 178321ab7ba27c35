import type { Lease as Grant } from "../contract/contract.ts";
import type { SecretFacts } from "../secret/secret.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Clock } from "../time/clock.ts";
import type { Task } from "../time/scheduler.ts";

/**
 * What an observer makes of a leased value: it serves it; it asks whether it may; it may not for now, and asks again later;
 * it never will.
 */
export type LeaseVerdict = "adopted" | "deciding" | "refused" | "discarded";

/**
 * candidate: issued and not decided on; renewed while a view asks `accept` about it. serving: a view has taken it over;
 * renewed. leaving: no view serves it; not renewed: it ends by itself, and is revoked before another one is issued.
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
  /** Those that have not decided whether they take it over. */
  readonly deciding: Set<object> = new Set();
  /** Those that serve it. */
  readonly holders: Set<object> = new Set();
  readonly #onDue: (lease: Lease<P>) => void;

  constructor(payload: P, onDue: (lease: Lease<P>) => void) {
    this.payload = payload;
    this.termMs = payload.lease?.durationMs ?? 0;
    this.#onDue = onDue;
  }

  /** What the store granted; undefined where it only says when the value ends. */
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
   * Beyond doubt: on both clocks. A wall clock that is set forward ends no lease at its store, and revoking one that has
   * ended does no harm.
   */
  hasLapsed(clock: Clock): boolean {
    const { expiresAt, leaseEndsAt } = this.payload;
    if (expiresAt === undefined || leaseEndsAt === undefined) return this.grant === undefined;
    return expiresAt.getTime() <= clock.now() && leaseEndsAt <= clock.monotonic();
  }
}
