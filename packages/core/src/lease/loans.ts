import type { Lease } from "../contract/contract.ts";
import { endOfLease } from "../contract/lease.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Payload } from "../source/source.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { hasLapsed, LapsingLeases, type LeaseEnd } from "./lapsing-leases.ts";

/** What loans need of the entry that took them. */
export interface LoanHost {
  readonly provider: ConfiguredProvider;
  readonly path: string;
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  /** Whether something keeps the entry fresh; what is only read now and then is not replaced ahead of its readers. */
  readonly isKept: boolean;
  /** Asks the store for another value. */
  replace(): void;
  /** The same value, with a later end. */
  prolong(payload: Payload): void;
  /** Nobody has read it for a whole term, so it was given back. */
  forget(): void;
  /** Work that closing the client must wait for. */
  track(work: Promise<void>): void;
}

const mintSpacingMs = 10_000;
const shortestWaitMs = 500;
const wakeWithinMs = 5_000;
/** A call may take 10 s, and a replacement must still follow. */
const replaceWithinMs = 15_000;
/** A renewal that grants less of the first term than this has met the longest that the store allows. */
const fullShare = 0.9;
const forever = Number.POSITIVE_INFINITY;

/**
 * What a store lent under one path. As a task: the moment at which to renew it, or to have it replaced while it is still
 * good. Its end counts on wall time, so a process that slept does not believe in a value that is gone, and on monotonic
 * time, so a wall clock that is set back does not either.
 */
export class Loans implements Task {
  dueAt = 0;
  slot = -1;
  readonly #host: LoanHost;
  readonly #lapsing: LapsingLeases;
  #payload: Payload | undefined;
  /** Of the first grant; what a renewal asks for. */
  #termMs = 0;
  /** No renewal helps any more. */
  #spent = false;
  /** What is being renewed; another value may be taken meanwhile. */
  #renewing: Payload | undefined;
  #failedWith: string | undefined;
  /** Monotonic time of the newest value. */
  #mintedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic time until which readers were served without asking. */
  #readUntil = 0;

  constructor(host: LoanHost) {
    this.#host = host;
    this.#lapsing = new LapsingLeases(host);
  }

  /** Whether what is held may be served without asking the store. */
  get stands(): boolean {
    return this.#payload !== undefined && this.#leftMs() > 0 && (this.#host.isKept || !this.#spent);
  }

  /** Whether anything must still be given back. */
  get isOpen(): boolean {
    const end = endOf(this.#payload);
    return (end !== undefined && !hasLapsed(end, this.#host.scheduler.clock)) || this.#lapsing.isOpen;
  }

  /** How long it is too early to ask for yet another value; 0 or less: it is not. */
  get untilMintMs(): number {
    return this.#mintedAt + mintSpacingMs - this.#now();
  }

  /** Takes over a new value; the one before it lapses at its own end. */
  take(payload: Payload): void {
    this.#retire();
    this.#payload = payload;
    this.#termMs = payload.lease?.durationMs ?? 0;
    this.#spent = false;
    this.#failedWith = undefined;
    this.#mintedAt = this.#now();
    this.#readUntil = this.#mintedAt;
    this.arm();
  }

  /** The store has none any more. */
  end(): void {
    this.#retire();
    this.#payload = undefined;
    this.#host.scheduler.cancel(this);
  }

  /** Somebody reads, and may go on until then without asking. */
  touch(untilMs: number): void {
    this.#readUntil = Math.max(this.#readUntil, this.#now(), Number.isFinite(untilMs) ? untilMs : 0);
  }

  /** Sets the next moment: a renewal at a third of what is left, a replacement without one at two thirds. */
  arm(): void {
    const leftMs = this.#leftMs();
    if (leftMs === forever) return this.#host.scheduler.cancel(this);
    this.#wait(this.#canRenew() || this.#spent ? leftMs / 3 : (leftMs * 2) / 3);
  }

  /** A replacement failed; the next try must come while something is left. */
  retry(delayMs: number): void {
    const leftMs = this.#leftMs();
    if (leftMs > 0) this.#wait(Math.min(delayMs, leftMs / 3));
  }

  wake(): void {
    const { scheduler } = this.#host;
    const leftMs = this.#leftMs();
    if (leftMs === forever) return;
    scheduler.hasten(this, leftMs > 0 ? Math.max(shortestWaitMs, leftMs / 3) : wakeWithinMs * scheduler.random());
  }

  /** Due. */
  run(): void {
    if (this.#renewing !== undefined && this.#renewing === this.#payload) return;
    if (this.#canRenew() && this.#leftMs() > this.#shortestRenewMs()) {
      if (this.#isIdle()) this.#giveUp();
      else void this.#renew();
    } else if (!this.#host.isKept) this.#spent = true;
    else if (this.untilMintMs > 0) this.#wait(this.untilMintMs);
    else this.#host.replace();
  }

  /** Never rejects; what cannot be given back is an event. */
  async giveBack(): Promise<void> {
    this.end();
    await this.#lapsing.revokeAll();
  }

  async #renew(): Promise<void> {
    const { provider, path, emit } = this.#host;
    const payload = this.#payload as Payload;
    const askedAt = this.#wall();
    const beganAt = this.#now();
    this.#renewing = payload;
    try {
      const lease = await provider.leases.renew({ ...(payload.lease as Lease), durationMs: this.#termMs });
      const expiresAt = endOfLease(lease, askedAt);
      const leaseEndsAt = beganAt + lease.durationMs;
      if (this.#payload !== payload)
        return this.#lapsing.prolong(payload.lease as Lease, { expiresAt, monotonic: leaseEndsAt });
      this.#failedWith = undefined;
      this.#spent = !lease.renewable || lease.durationMs < this.#termMs * fullShare;
      // A store that grants nothing more has not taken back what it granted.
      if (lease.durationMs === 0) return this.arm();
      this.#payload = { ...payload, lease, leaseEndsAt, expiresAt };
      this.arm();
      emit({ type: "lease-renewed", provider: provider.name, path, durationMs: lease.durationMs });
      this.#host.prolong(this.#payload);
    } catch (error) {
      const isEnding = (error as SecretError).code === "CLOSED";
      if (this.#payload === payload && !isEnding) this.#onRefusal(error as SecretError);
    } finally {
      if (this.#renewing === payload) this.#renewing = undefined;
    }
  }

  #onRefusal({ code, retryable, retryAfterMs = 0 }: SecretError): void {
    const { provider, path, emit } = this.#host;
    const isLost = code === "NOT_FOUND";
    if (isLost) emit({ type: "lease-lost", provider: provider.name, path });
    else if (code !== this.#failedWith) emit({ type: "lease-not-renewed", provider: provider.name, path, code });
    this.#failedWith = code;
    this.#spent ||= isLost || !retryable;
    const leftMs = this.#leftMs();
    this.#wait(isLost ? this.untilMintMs : Math.max(leftMs / 3, Math.min(retryAfterMs, leftMs / 2)));
  }

  #giveUp(): void {
    this.#host.track(this.giveBack());
    this.#host.forget();
  }

  /** What was lent last joins those that lapse. */
  #retire(): void {
    const end = endOf(this.#payload);
    if (end !== undefined) this.#lapsing.add(this.#payload?.lease as Lease, end);
  }

  #canRenew(): boolean {
    return !this.#spent && this.#payload?.lease?.renewable === true && this.#host.provider.leases.canRenew;
  }

  /** With less left than this, renewals that have failed leave what time there is to a replacement. */
  #shortestRenewMs(): number {
    return this.#failedWith === undefined ? shortestWaitMs : Math.min(replaceWithinMs, this.#termMs / 6);
  }

  #isIdle(): boolean {
    return !this.#host.isKept && this.#now() - this.#readUntil >= this.#termMs;
  }

  #wait(ms: number): void {
    const { scheduler } = this.#host;
    scheduler.schedule(this, Math.max(shortestWaitMs, ms * (0.9 + scheduler.random() / 5)));
  }

  #leftMs(): number {
    return this.#payload === undefined ? forever : untilEndMs(this.#payload, this.#host.scheduler.clock);
  }

  #wall(): number {
    return this.#host.scheduler.clock.now();
  }

  #now(): number {
    return this.#host.scheduler.clock.monotonic();
  }
}

/** Undefined of what is not lent. */
function endOf(payload: Payload | undefined): LeaseEnd | undefined {
  const { lease, expiresAt, leaseEndsAt } = payload ?? {};
  if (lease === undefined || expiresAt === undefined || leaseEndsAt === undefined) return undefined;
  return { expiresAt, monotonic: leaseEndsAt };
}
