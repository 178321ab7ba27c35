import type { Lease as Grant } from "../contract/contract.ts";
import { endOfLease } from "../contract/lease.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { Lease, type LeasedValue, type LeaseVerdict } from "./lease.ts";
import type { LeaseCalls } from "./lease-calls.ts";

/** The part of a source that the leases of its path need. */
export interface LeaseHost<P extends LeasedValue> {
  readonly provider: { readonly name: string };
  readonly path: string;
  readonly leases: LeaseCalls;
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  /** Whether something refreshes the source; a value that is only read occasionally is not replaced in advance. */
  readonly isRefreshing: boolean;
  /** Asks the store for a new value. */
  replace(): void;
  /** Reports the same value with a later end. */
  extend(payload: P, began: number): void;
  /** Discards the value: the next read asks for a new one. */
  forget(payload: P): void;
  /** Registers work that closing the client must wait for. */
  track(work: Promise<void>): void;
}

const issueSpacingMs = 10_000;
const shortestWaitMs = 500;
const wakeWithinMs = 5_000;
/** The least time reserved for a replacement after a failed renewal, which may take 10 s. */
const replaceWithinMs = 15_000;
/** A renewal that grants less than this share of the first term has reached the longest time that the store allows. */
const fullShare = 0.9;
/** The maximum number of serving credentials: the current one and its successor. */
const mostLive = 2;
const forever = Number.POSITIVE_INFINITY;

/**
 * The credentials that a store issued under one path; at most two are valid. Expiry counts on wall time, so that a suspended
 * process does not keep an expired value, and on monotonic time, so that setting the wall clock back does not extend it.
 */
export class LeaseManager<P extends LeasedValue> {
  readonly #host: LeaseHost<P>;
  /** Oldest first; readers get the last one that is not leaving. */
  readonly #leases: Lease<P>[] = [];
  /** The time at which the newest value was issued, on both clocks. */
  #issuedAt = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  /** Monotonic time until which readers were served without a call. */
  #readUntil = 0;

  constructor(host: LeaseHost<P>) {
    this.#host = host;
  }

  /** Whether the current value may be served without a call to the store. */
  get stands(): boolean {
    const lease = this.#newest();
    return lease !== undefined && this.#leftMs(lease) > 0 && (this.#host.isRefreshing || !lease.notRenewable);
  }

  /** Whether a lease must still be revoked. */
  get isOpen(): boolean {
    const { clock } = this.#host.scheduler;
    return this.#leases.some((lease) => lease.grant !== undefined && !lease.hasLapsed(clock));
  }

  /** The contents of the credentials that were issued and not yet revoked. */
  get contents(): readonly P["content"][] {
    return this.#leases.map(({ payload }) => payload.content);
  }

  /** The milliseconds until a new value may be requested; 0 or less means now. */
  get untilIssueMs(): number {
    // After a suspension, time may have passed on one clock alone.
    const { clock } = this.#host.scheduler;
    const passedMs = Math.max(clock.monotonic() - this.#issuedAt.monotonic, clock.now() - this.#issuedAt.wall);
    return issueSpacingMs - passedMs;
  }

  /** Monotonic time of the next renewal or replacement, until which no reader needs a call. */
  get dueAt(): number {
    const lease = this.#newest();
    return lease === undefined || lease.slot < 0 ? forever : lease.dueAt;
  }

  /** The value that a reader gets without a call to the store. */
  get standing(): P | undefined {
    return this.stands ? this.#newest()?.payload : undefined;
  }

  /**
   * Whether a new credential may be requested: not while two credentials serve, and not while one serves and another is
   * undecided.
   */
  get mayIssue(): boolean {
    const live = this.#leases.filter((lease) => lease.state !== "leaving" && this.#leftMs(lease) > 0);
    const isInDoubt = live.some(({ state, deciding }) => state === "candidate" && deciding.size > 0);
    const serving = live.filter(({ state }) => state === "serving").length;
    return serving < mostLive && !(isInDoubt && serving > 0);
  }

  /** Revokes the credentials that nobody serves any more, so that a new one makes at most two. Never rejects. */
  async makeRoom(): Promise<void> {
    await Promise.all(this.#leases.filter(({ state }) => state === "leaving").map((lease) => this.#revoke(lease)));
  }

  /** Adds a value that was just issued. An earlier candidate was never used, so it is revoked immediately. */
  take(payload: P): void {
    this.#forgetLapsed();
    for (const lease of this.#leases.filter(({ state }) => state === "candidate")) this.#leave(lease, true);
    const lease = new Lease(payload, (due) => this.#onDue(due));
    this.#leases.push(lease);
    this.#issuedAt = { monotonic: this.#now(), wall: this.#host.scheduler.clock.now() };
    this.#readUntil = this.#now();
    this.#arm(lease);
  }

  /**
   * Records the decision of one observer about a value. After an adoption, the observer's previous value is left to expire,
   * unless another observer serves it.
   */
  settle(observer: object, content: object, verdict: LeaseVerdict): void {
    const lease = this.#leases.find(({ payload }) => payload.content === content);
    if (lease === undefined) return;
    if (verdict === "deciding") return void lease.deciding.add(observer);
    lease.deciding.delete(observer);
    if (verdict === "discarded") lease.holders.delete(observer);
    if (verdict === "adopted") this.#serve(lease, observer);
    else if (lease.holders.size > 0 || lease.deciding.size > 0) return;
    else if (verdict === "discarded") this.#discard(lease);
    // If no other credential serves, the refused one is renewed, and the observers decide about it again.
    else if (this.#leases.some((other) => other.state === "serving" && this.#leftMs(other) > 0))
      this.#leave(lease, false);
  }

  /** Handles a deletion at the store: the issued credentials are no longer renewed, and expire. */
  end(): void {
    for (const lease of this.#leases) this.#leave(lease, false);
  }

  /**
   * Records a read.
   * @param untilMs the monotonic time until which readers are served without another call
   */
  touch(untilMs: number): void {
    this.#readUntil = Math.max(this.#readUntil, this.#now(), Number.isFinite(untilMs) ? untilMs : 0);
  }

  /**
   * Schedules the next action for each credential in use. A renewal is due after a third of the remaining time, and so is a
   * replacement if renewals no longer help; a credential that was never renewable is replaced after two thirds.
   */
  arm(): void {
    for (const lease of this.#leases) if (lease.state !== "leaving") this.#arm(lease);
  }

  /** Handles a failed replacement; the next attempt must come before the value expires. */
  retry(delayMs: number): void {
    const lease = this.#newest();
    if (lease === undefined) return;
    const leftMs = this.#leftMs(lease);
    if (leftMs > 0) this.#wait(lease, Math.min(delayMs, leftMs / 3));
  }

  /** Handles a suspension or a step of the wall clock: brings the next actions forward. */
  wake(): void {
    const { scheduler } = this.#host;
    for (const lease of this.#leases) {
      const leftMs = this.#leftMs(lease);
      if (leftMs === forever || lease.state === "leaving") continue;
      scheduler.hasten(lease, leftMs > 0 ? Math.max(shortestWaitMs, leftMs / 3) : wakeWithinMs * scheduler.random());
    }
  }

  /** Revokes one credential, or all of them, at the store. Never rejects: a failure is reported as an event. */
  async revoke(content?: object): Promise<void> {
    const ending = this.#leases.filter(({ payload }) => content === undefined || payload.content === content);
    await Promise.all(ending.map((lease) => this.#revoke(lease)));
  }

  #newest(): Lease<P> | undefined {
    return this.#leases.findLast(({ state }) => state !== "leaving");
  }

  #serve(lease: Lease<P>, observer: object): void {
    for (const other of this.#leases) {
      if (other === lease || !other.holders.delete(observer)) continue;
      if (other.holders.size === 0) this.#leave(other, false);
    }
    const wasLeft = lease.state === "leaving";
    lease.state = "serving";
    lease.holders.add(observer);
    if (wasLeft) this.#arm(lease);
  }

  /** Revokes a credential that was never used, and makes the next read ask for another one. */
  #discard(lease: Lease<P>): void {
    this.#leave(lease, true);
    this.#host.forget(lease.payload);
  }

  #leave(lease: Lease<P>, atOnce: boolean): void {
    lease.state = "leaving";
    this.#host.scheduler.cancel(lease);
    if (atOnce) this.#host.track(this.#revoke(lease));
  }

  #onDue(lease: Lease<P>): void {
    if (lease.renewing || lease.state === "leaving") return;
    if (this.#canRenew(lease) && this.#leftMs(lease) > this.#shortestRenewMs(lease)) {
      if (this.#isIdle()) this.#giveUp();
      else void this.#renew(lease);
    } else if (lease !== this.#newest()) return;
    else if (!this.#host.isRefreshing) lease.notRenewable = true;
    else if (this.untilIssueMs > 0) this.#wait(lease, this.untilIssueMs);
    else this.#host.replace();
  }

  async #renew(lease: Lease<P>): Promise<void> {
    const { leases, provider, path, emit, scheduler } = this.#host;
    const askedAt = scheduler.clock.now();
    const beganAt = this.#now();
    const began = scheduler.stamp();
    lease.renewing = true;
    try {
      const grant = await leases.renew({ ...(lease.grant as Grant), durationMs: lease.termMs });
      lease.failedWith = undefined;
      lease.notRenewable = !grant.renewable || grant.durationMs < lease.termMs * fullShare;
      // A renewal that grants no time does not shorten the present lease.
      if (grant.durationMs === 0) return this.#arm(lease);
      const expiresAt = endOfLease(grant, askedAt);
      lease.payload = { ...lease.payload, lease: grant, leaseEndsAt: beganAt + grant.durationMs, expiresAt };
      if (lease.state === "leaving") return;
      this.#arm(lease);
      emit({ type: "lease-renewed", provider: provider.name, path, durationMs: grant.durationMs });
      this.#host.extend(lease.payload, began);
    } catch (error) {
      if (lease.state !== "leaving" && (error as SecretError).code !== "CLOSED")
        this.#onRefusal(lease, error as SecretError);
    } finally {
      lease.renewing = false;
    }
  }

  #onRefusal(lease: Lease<P>, { code, retryable, retryAfterMs = 0 }: SecretError): void {
    const { provider, path, emit } = this.#host;
    const isLost = code === "NOT_FOUND";
    if (isLost) emit({ type: "lease-lost", provider: provider.name, path });
    else if (code !== lease.failedWith) emit({ type: "lease-not-renewed", provider: provider.name, path, code });
    lease.failedWith = code;
    lease.notRenewable ||= isLost || !retryable;
    const leftMs = this.#leftMs(lease);
    this.#wait(lease, isLost ? this.untilIssueMs : Math.max(leftMs / 3, Math.min(retryAfterMs, leftMs / 2)));
  }

  /** Revokes all credentials of a path that nobody has read for a whole term. */
  #giveUp(): void {
    for (const { payload } of this.#leases) this.#host.forget(payload);
    this.#host.track(this.revoke());
  }

  async #revoke(lease: Lease<P>): Promise<void> {
    const { provider, path, emit, leases, scheduler } = this.#host;
    const isOpen = lease.grant !== undefined && !lease.hasLapsed(scheduler.clock);
    lease.state = "leaving";
    scheduler.cancel(lease);
    const at = this.#leases.indexOf(lease);
    if (at >= 0) this.#leases.splice(at, 1);
    if (at < 0 || !isOpen) return;
    try {
      await leases.revoke(lease.grant as Grant);
    } catch (error) {
      const { code } = error as SecretError;
      const endsAt = new Date(lease.payload.expiresAt as Date);
      emit({
        type: "lease-not-revoked",
        provider: provider.name,
        path,
        code,
        lease: (lease.grant as Grant).id,
        endsAt,
      });
    }
  }

  #forgetLapsed(): void {
    const { clock } = this.#host.scheduler;
    const newest = this.#newest();
    for (const lease of this.#leases.filter((one) => one !== newest && one.hasLapsed(clock))) {
      this.#host.scheduler.cancel(lease);
      this.#leases.splice(this.#leases.indexOf(lease), 1);
    }
  }

  #arm(lease: Lease<P>): void {
    const leftMs = this.#leftMs(lease);
    if (leftMs === forever) return this.#host.scheduler.cancel(lease);
    this.#wait(lease, this.#canRenew(lease) || lease.notRenewable ? leftMs / 3 : (leftMs * 2) / 3);
  }

  #canRenew({ notRenewable, grant }: Lease<P>): boolean {
    return !notRenewable && grant?.renewable === true && this.#host.leases.canRenew;
  }

  /** Returns the remaining time below which the credential is replaced instead of renewed; it is longer after a failed renewal. */
  #shortestRenewMs({ failedWith, termMs }: Lease<P>): number {
    return failedWith === undefined ? shortestWaitMs : Math.min(replaceWithinMs, termMs / 6);
  }

  #isIdle(): boolean {
    const termMs = Math.max(...this.#leases.map((lease) => lease.termMs));
    return !this.#host.isRefreshing && this.#now() - this.#readUntil >= termMs;
  }

  #wait(lease: Lease<P>, ms: number): void {
    const { scheduler } = this.#host;
    scheduler.schedule(lease, Math.max(shortestWaitMs, ms * (0.9 + scheduler.random() / 5)));
  }

  #leftMs(lease: Lease<P>): number {
    return lease.leftMs(this.#host.scheduler.clock);
  }

  #now(): number {
    return this.#host.scheduler.clock.monotonic();
  }
}
