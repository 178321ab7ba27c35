import type { SecretPayload, VersionSelector } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import { listOf, type OneOrMany, withOne, withoutOne } from "../events/one-or-many.ts";
import type { LeaseCalls } from "../lease/lease-calls.ts";
import { type LeaseHost, LeaseManager } from "../lease/lease-manager.ts";
import { isUnavailableRefusal } from "../provider/availability.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { type FlightMode, type FlightOwner, SingleFlight } from "../time/single-flight.ts";
import { askProvider } from "./ask-provider.ts";
import { hasEnded, untilExpiryMargin, untilRefresh } from "./deadlines.ts";
import { type PendingHint, withHint } from "./pending-hint.ts";
import { readFactsOf, tooSoon } from "./provider-answer.ts";
import { Refresher, type RefresherHost } from "./refresher.ts";
import {
  type Answer,
  isReported,
  type Outcome,
  type Payload,
  type PayloadSource,
  type ReadMode,
  type Settlement,
  type SourceObserver,
  type StorePath,
} from "./source.ts";
import type { StoreContext } from "./store-context.ts";

const missTtlMs = 10_000;
const hintSpacingMs = 1_000;
/** The least time between two reads that hints of a failing secret cause. */
const failingHintMs = 400;
/** The number of failures that do not slow hinted reads down: reads of a volume fail briefly while it is swapped. */
const promptFailures = 3;
const shortestPollMs = 500;
const wakeWithinMs = 5_000;
const never = Number.POSITIVE_INFINITY;

/** One path of one provider in one version. No other class reads values from providers. As a task, it is due at its next poll. */
export class StoreSource implements PayloadSource, StorePath, LeaseHost<Payload>, RefresherHost, FlightOwner, Task {
  dueAt = 0;
  slot = -1;
  answer: Answer | undefined;
  retryAt = 0;
  freshUntil = 0;
  readonly leases: LeaseCalls;
  readonly path: string;
  readonly version: VersionSelector;
  readonly #context: StoreContext;
  /** Exists only while reads run: there is one source per secret, and most are idle. */
  #flight: SingleFlight | undefined;
  #observers: OneOrMany<SourceObserver>;
  /** The newest good answer, whether or not a view has adopted it; `ifVersion` is its version. */
  #held: Payload | undefined;
  #failures = 0;
  #hint: PendingHint | undefined;
  #beganAt = Number.NEGATIVE_INFINITY;
  /** Wall time of the last good answer. */
  #answeredAt = 0;
  #refresher: Refresher | undefined;
  /** Created only if the store leases, because there is one source per secret. */
  #manager: LeaseManager<Payload> | undefined;

  constructor(leases: LeaseCalls, path: string, version: VersionSelector, context: StoreContext) {
    this.leases = leases;
    this.path = path;
    this.version = version;
    this.#context = context;
  }

  get provider(): ConfiguredProvider {
    return this.leases.provider;
  }

  get isLocal(): boolean {
    return this.provider.supports?.subscribe === "local";
  }

  get isRefreshing(): boolean {
    return this.#refresher !== undefined;
  }

  get pollMs(): number {
    return this.#manager?.stands === true ? never : this.provider.pollMs;
  }

  /** Whether a lease must still be revoked. */
  get isLeased(): boolean {
    return this.#manager?.isOpen === true;
  }

  get scheduler(): Scheduler {
    return this.#context.scheduler;
  }

  get emit(): Emit {
    return this.#context.emit;
  }

  read(mode: ReadMode): Promise<void> {
    this.#manager?.touch(this.freshUntil);
    if (mode !== "cached") return this.#readAs(mode);
    const { answer } = this;
    const isFresh = answer !== undefined && answer.outcome.kind !== "failed" && this.freshUntil > this.#now();
    return isFresh && !hasEnded(answer.outcome, this.scheduler) ? Promise.resolve() : this.#readAs("join");
  }

  observe(observer: SourceObserver): void {
    this.#observers = withOne(this.#observers, observer);
    if (this.answer !== undefined && isReported(this, this.#now())) observer.onAnswer(this.answer);
  }

  unobserve(observer: SourceObserver): void {
    this.#observers = withoutOne(this.#observers, observer);
  }

  startRefresh(): void {
    const refresher = this.#refresher ?? this.#begin();
    refresher.users += 1;
  }

  stopRefresh(): void {
    const refresher = this.#refresher;
    if (refresher === undefined) return;
    refresher.users -= 1;
    if (refresher.users === 0) this.#stop(refresher);
  }

  settle(observer: SourceObserver, { content }: Payload, settlement: Settlement): void {
    this.#manager?.settle(observer, content, settlement);
  }

  /** Returns undefined for a leased secret: an issued credential has no older version. */
  previous(): PayloadSource | undefined {
    return this.#isDynamic() ? undefined : this.#context.sibling(this.provider, this.path, "previous");
  }

  hint(mode: PendingHint["mode"] = "after"): void {
    const isAwaited = this.#refresher !== undefined || this.#flight !== undefined;
    this.#hint = isAwaited ? withHint(this.#hint, mode, this.scheduler.stamp()) : undefined;
    if (this.#refresher === undefined)
      this.freshUntil = Math.min(this.freshUntil, this.#now() + Math.max(0, this.#untilHint()));
    else if (this.#untilHint() <= 0) void this.#readAs(this.#hint?.mode ?? mode);
    // If a read in flight ends earlier, it schedules the read for this hint.
    else this.scheduler.hasten(this, this.#untilHint());
  }

  /** Handles a hint of the provider's subscription. A local one causes a read at once, within its budget. */
  onHint(local: boolean): void {
    const refresher = this.#refresher;
    if (refresher === undefined) return;
    if (!local) return this.hint("hinted");
    // The read that is scheduled for an earlier hint sees this change, too.
    if (this.#hint?.localAt !== undefined && this.#hint.localAt > this.#now()) return;
    // A secret that keeps failing is read a few times a second at most, however often its store hints.
    const spacingMs = this.#failures > promptFailures ? failingHintMs : 0;
    const wait = Math.max(refresher.untilLocalHint(), this.#beganAt + spacingMs - this.#now());
    const localAt = wait > 0 ? this.#now() + wait : undefined;
    this.#hint = withHint(this.#hint, "hinted", this.scheduler.stamp(), localAt);
    if (wait <= 0) void this.#readAs(this.#hint.mode, true);
    else this.scheduler.hasten(this, wait);
  }

  wake(): void {
    if (this.#manager?.stands === true || this.isLeased) return this.#manager?.wake();
    const { scheduler, ttlMs } = this.#context;
    const age = Math.abs(scheduler.clock.now() - this.#answeredAt);
    if (this.#refresher === undefined) {
      if (age > ttlMs) this.freshUntil = 0;
      return;
    }
    const { waves, pollMs } = this.provider;
    const isOld = age > Math.min(ttlMs, pollMs);
    const due = isOld
      ? waves.draw((random) => random * wakeWithinMs)
      : untilExpiryMargin(this.answer?.outcome, scheduler);
    if (due < never) scheduler.hasten(this, due);
  }

  stores(): readonly StorePath[] {
    return [this];
  }

  async withdraw(content?: SecretPayload): Promise<void> {
    if (this.#manager === undefined) return;
    const held = this.#held?.content;
    const ended = new Set(content === undefined ? this.#manager.contents : [content]);
    if (content === undefined && held !== undefined) ended.add(held);
    const ending = this.#manager.revoke(content);
    if (held !== undefined && (content === undefined || content === held)) this.#clear();
    for (const one of ended)
      this.#context.deliveries.deliver(listOf(this.#observers), (observer) => observer.onWithdrawn(one));
    await ending;
  }

  /** Revokes everything that the store leased. Never rejects. */
  async giveBack(): Promise<void> {
    const ending = this.#manager?.revoke();
    if (this.#manager !== undefined) this.#clear();
    await ending;
  }

  replace(): void {
    void this.#readAs("replace");
  }

  extend(payload: Payload, began: number): void {
    if (this.#held?.content === payload.content) {
      this.#held = payload;
      this.answer = { outcome: payload, began, at: this.#now() };
      this.freshUntil = this.#freshUntilOf(payload);
    }
    this.#context.deliveries.deliver(listOf(this.#observers), (one) => one.onExtended(payload));
  }

  forget({ content }: Payload): void {
    if (this.#held?.content !== content) return;
    this.#clear();
    const standing = this.#manager?.standing;
    if (standing === undefined) return;
    this.#held = standing;
    this.answer = { outcome: standing, began: 0, at: this.#now() };
    this.freshUntil = this.#freshUntilOf(standing);
  }

  track(work: Promise<void>): void {
    this.#context.track(work);
  }

  /** Polls, or reads because of a hint. */
  run(): void {
    void this.#readAs(this.#hint?.mode ?? "join", this.#hint?.localAt !== undefined);
  }

  /** Reads, or joins a read in flight if the mode allows that. */
  #readAs(mode: FlightMode, urgent = false): Promise<void> {
    this.#flight ??= new SingleFlight(this);
    return this.#flight.run(mode, urgent);
  }

  onIdle(): void {
    this.#flight = undefined;
  }

  async runOnce(mode: FlightMode, urgent: boolean): Promise<void> {
    const stamp = this.scheduler.stamp();
    const began = mode === "hinted" ? (this.#hint?.cameAt ?? stamp) : stamp;
    const standing = this.#standing(mode);
    if (standing !== undefined && standing === this.answer?.outcome) {
      if (standing.kind !== "failed") this.freshUntil = this.#freshUntilOf(standing);
      return;
    }
    this.#beganAt = this.#now();
    this.#hint = undefined;
    const outcome = standing ?? (await this.#ask(mode, urgent));
    if (outcome.kind !== "failed") this.#answeredAt = this.scheduler.clock.now();
    if (standing === undefined) this.#report(outcome);
    this.#take({ outcome, began, at: this.#now() });
  }

  /** Reads from the provider. Never rejects. */
  async #ask(mode: FlightMode, urgent: boolean): Promise<Outcome> {
    const { provider, leases, path, version } = this;
    try {
      await this.#refresher?.subscribed();
      await this.#manager?.makeRoom();
      const question = { provider, leases, path, version, held: this.#held, isDynamic: this.#isDynamic(), mode };
      return await askProvider(question, this.scheduler.clock, urgent);
    } catch (error) {
      return { kind: "failed", error: provider.toSecretError(error) };
    }
  }

  /** Returns the outcome to use if asking the store would issue a credential that nobody needs, or too soon. */
  #standing(mode: FlightMode): Outcome | undefined {
    const manager = this.#manager;
    if (manager === undefined) return undefined;
    const isWanted = !manager.stands || (mode === "replace" && manager.mayIssue);
    if (isWanted && manager.untilIssueMs <= 0) return undefined;
    const outcome = this.answer?.outcome;
    return manager.stands && outcome !== undefined ? outcome : tooSoon(this.provider.name, manager.untilIssueMs);
  }

  #take(answer: Answer): void {
    const { outcome } = answer;
    this.answer = answer;
    if (outcome.kind === "failed") {
      this.#backOff(outcome.error);
      this.#manager?.retry(this.retryAt - this.#now());
    } else {
      this.#failures = 0;
      this.retryAt = 0;
      this.#lease(outcome);
      if (outcome.kind === "ok" && outcome !== this.#held) this.#refresher?.onChange();
      if (outcome.kind === "ok") this.#held = outcome;
      this.freshUntil = this.#freshUntilOf(outcome);
    }
    if (this.#refresher !== undefined && this.#manager?.stands !== true) this.#scheduleNext();
    else this.scheduler.cancel(this);
    this.#context.deliveries.deliver(listOf(this.#observers), (observer) => observer.onAnswer(answer));
  }

  #lease(outcome: Exclude<Outcome, { readonly kind: "failed" }>): void {
    if (outcome.kind === "ok" && (outcome.lease !== undefined || this.#isDynamic())) {
      this.#manager ??= new LeaseManager<Payload>(this);
      this.#manager.take(outcome);
    } else this.#manager?.end();
  }

  /** Whether each read issues a credential. Known once the provider is open. */
  #isDynamic(): boolean {
    return this.#manager !== undefined || this.leases.isDynamic(this.path);
  }

  #clear(): void {
    this.answer = undefined;
    this.#held = undefined;
    this.freshUntil = 0;
  }

  /** Sets the time of the next attempt. A read that an unavailable provider refused does not count as a failure. */
  #backOff(error: SecretError): void {
    const now = this.#now();
    const { waves, availability } = this.provider;
    if (isUnavailableRefusal(error)) {
      this.#failures = Math.max(1, this.#failures);
      const floorMs = Math.max(0, availability.retryAt(this.path) - now);
      this.retryAt = now + waves.draw((random) => floorMs + random * shortestPollMs);
    } else {
      this.#failures += 1;
      this.retryAt = now + waves.draw((random) => backoffMs(this.#failures, () => random, error.retryAfterMs));
    }
  }

  #freshUntilOf(outcome: Outcome): number {
    if (outcome.kind === "notFound") return this.#now() + missTtlMs;
    if (this.#refresher !== undefined) return never;
    if (this.#hint !== undefined) return this.#now() + Math.max(0, this.#untilHint());
    if (this.#manager !== undefined) return this.#manager.dueAt;
    return this.#now() + Math.min(this.#context.ttlMs, untilRefresh(outcome, this.scheduler));
  }

  #scheduleNext(): void {
    const usual = this.#failures > 0 ? this.retryAt - this.#now() : this.#untilPoll();
    const hinted = this.#hint === undefined ? never : Math.max(0, this.#untilHint());
    this.scheduler.schedule(this, Math.min(Math.max(shortestPollMs, usual), hinted));
  }

  #untilPoll(): number {
    const { scheduler, provider } = this;
    const pollMs = this.#refresher?.nextPollMs(provider.waves, provider.pollMs) ?? provider.pollMs;
    const outcome = this.answer?.outcome;
    return Math.min(pollMs, untilExpiryMargin(outcome, scheduler), untilRefresh(outcome, scheduler));
  }

  /** Returns the milliseconds until the pending hint causes a read: remote hints at most one a second. */
  #untilHint(): number {
    if (this.#hint?.localAt !== undefined) return this.#hint.localAt - this.#now();
    return Math.max(this.#beganAt + hintSpacingMs, this.provider.availability.retryAt(this.path)) - this.#now();
  }

  #begin(): Refresher {
    const { scheduler } = this;
    // An answer from before the subscription may be out of date, so the secret is read again afterwards.
    const mustRead = this.answer !== undefined || this.#flight !== undefined;
    this.freshUntil = 0;
    const refresher = new Refresher(this);
    this.#refresher = refresher;
    scheduler.schedule(this, Math.max(shortestPollMs, this.provider.pollMs * scheduler.random()));
    this.#manager?.arm();
    if (mustRead) void this.#readAs("after");
    return refresher;
  }

  #stop(refresher: Refresher): void {
    this.#refresher = undefined;
    this.scheduler.cancel(this);
    if (this.freshUntil === never) this.freshUntil = this.#now() + this.#context.ttlMs;
    this.#context.track(refresher.stop());
  }

  #report(outcome: Outcome): void {
    const { provider, path } = this;
    const durationMs = this.#now() - this.#beganAt;
    this.emit({ type: "read", provider: provider.name, path, durationMs, ...readFactsOf(outcome) });
  }

  #now(): number {
    return this.scheduler.clock.monotonic();
  }
}
