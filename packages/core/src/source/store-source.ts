import type { VersionSelector } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import { type Good, Lending } from "../lease/lending.ts";
import { isUnavailableRefusal } from "../provider/availability.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Task } from "../time/scheduler.ts";
import type { FlightMode } from "../time/single-flight.ts";
import { askProvider, type Question } from "./ask-provider.ts";
import { expired, untilExpiryMargin, untilRefresh } from "./deadlines.ts";
import { Keeping } from "./refresher.ts";
import type { Observer, Outcome, Payload, PayloadSource, ReadMode } from "./source.ts";
import type { EntryContext } from "./store-context.ts";

const missTtlMs = 10_000;
const hintSpacingMs = 1_000;
const shortestPollMs = 500;
const wakeWithinMs = 5_000;

/** One path of one provider in one version: the only place that calls a provider for a value. */
export class Entry extends Lending implements PayloadSource, Task {
  dueAt = 0;
  slot = -1;
  outcome: Outcome | undefined;
  retryAt = 0;
  freshUntil = 0;
  readonly provider: ConfiguredProvider;
  readonly path: string;
  readonly version: VersionSelector;
  /** The newest good answer, adopted by a view or not: what `ifVersion` speaks of. */
  #held: Payload | undefined;
  #failures = 0;
  /** A hint has come that no read has followed yet. */
  #nudged = false;
  #beganAt = Number.NEGATIVE_INFINITY;
  #answeredAt = 0;
  #keeping: Keeping | undefined;

  constructor(provider: ConfiguredProvider, path: string, version: VersionSelector, context: EntryContext) {
    super(context);
    this.provider = provider;
    this.path = path;
    this.version = version;
  }

  get isLocal(): boolean {
    return this.provider.supports?.subscribe === "local";
  }

  get isKept(): boolean {
    return this.#keeping !== undefined;
  }

  async read(mode: ReadMode): Promise<Outcome> {
    const { outcome } = this;
    this.loans?.touch(this.freshUntil);
    if (mode !== "cached") return await this.fly(mode);
    const fresh = outcome !== undefined && outcome.kind !== "failed" && this.freshUntil > this.#now();
    return fresh && !expired(outcome, this.scheduler) ? outcome : await this.fly("join");
  }

  keep(observer: Observer): () => void {
    if (this.#keeping === undefined) {
      this.#keeping = new Keeping(this.provider, this.path, (local) => this.#onHint(local));
      // What was read before nobody watched over is read again.
      this.freshUntil = 0;
      const { scheduler } = this.context;
      scheduler.schedule(this, Math.max(shortestPollMs, this.provider.pollMs * scheduler.random()));
      this.loans?.arm();
    }
    const keeping = this.#keeping;
    keeping.observers = [...keeping.observers, observer];
    return () => {
      keeping.observers = keeping.observers.filter((other) => other !== observer);
      if (keeping.observers.length === 0) this.#release(keeping);
    };
  }

  /** What is lent has no older version: that was lent to somebody, and is taken back. */
  previous(): PayloadSource | undefined {
    return this.isLending() ? undefined : this.context.sibling(this, "previous");
  }

  nudge(): void {
    if (this.#keeping === undefined) {
      this.#nudged = this.inFlight;
      this.freshUntil = Math.min(this.freshUntil, this.#now() + Math.max(0, this.#untilNudge()));
    } else if (this.#untilNudge() <= 0) void this.fly("after");
    else {
      // A read in flight arms the next one when it ends; it must not forget this.
      this.#nudged = true;
      this.scheduler.hasten(this, this.#untilNudge());
    }
  }

  wake(): void {
    if (this.loans?.stands === true || this.loans?.isOpen === true) return this.loans.wake();
    const { scheduler, ttlMs } = this.context;
    const age = Math.abs(scheduler.clock.now() - this.#answeredAt);
    if (this.#keeping === undefined) {
      if (age > ttlMs) this.freshUntil = 0;
      return;
    }
    const old = age > Math.min(ttlMs, this.provider.pollMs);
    const due = old ? scheduler.random() * wakeWithinMs : untilExpiryMargin(this.outcome, scheduler);
    if (due < Number.POSITIVE_INFINITY) scheduler.hasten(this, due);
  }

  leaves(): readonly Entry[] {
    return [this];
  }

  /** The same value, lent for longer. */
  prolong(payload: Payload): void {
    this.#take(payload);
    this.#tell(payload);
  }

  forget(): void {
    this.outcome = undefined;
    this.#held = undefined;
    this.freshUntil = 0;
  }

  /** The poll. */
  run(): void {
    void this.fly("join");
  }

  protected async begin(mode: FlightMode, urgent: boolean): Promise<Outcome> {
    const { clock } = this.scheduler;
    const settled = this.settledByLoan(mode);
    if (settled !== undefined && settled === this.outcome) {
      if (settled.kind !== "failed") this.freshUntil = this.#freshUntil(settled);
      return settled;
    }
    this.#beganAt = this.#now();
    this.#nudged = false;
    let outcome: Outcome;
    try {
      await this.#keeping?.subscribed();
      outcome = settled ?? (await askProvider(this.#question(), clock, urgent));
    } catch (error) {
      outcome = { kind: "failed", error: error as SecretError };
    }
    if (outcome.kind !== "failed") this.#answeredAt = clock.now();
    if (settled === undefined) this.#report(outcome);
    this.#settle(outcome);
    return outcome;
  }

  #question(): Question {
    const { provider, path, version } = this;
    return { provider, path, version, held: this.#held, isLent: this.isLending() };
  }

  #settle(outcome: Outcome): void {
    if (outcome.kind === "failed") {
      this.outcome = outcome;
      this.#backOff(outcome.error);
      this.loans?.retry(this.retryAt - this.#now());
    } else {
      this.#failures = 0;
      this.retryAt = 0;
      this.lend(outcome);
      this.#take(outcome);
    }
    if (this.#keeping !== undefined && this.loans?.stands !== true) this.#scheduleNext();
    else this.scheduler.cancel(this);
    this.#tell(outcome);
  }

  #take(outcome: Good): void {
    this.outcome = outcome;
    if (outcome.kind === "ok") this.#held = outcome;
    this.freshUntil = this.#freshUntil(outcome);
  }

  #tell(outcome: Outcome): void {
    for (const observer of this.#keeping?.observers ?? []) observer(outcome);
  }

  /** A refusal by an unavailable provider is no failure of this secret: it comes back when its turn has come. */
  #backOff(error: SecretError): void {
    const { random } = this.scheduler;
    if (isUnavailableRefusal(error)) {
      this.#failures = Math.max(1, this.#failures);
      this.retryAt = Math.max(this.#now(), this.provider.availability.retryAt(this.path)) + random() * shortestPollMs;
    } else {
      this.#failures += 1;
      this.retryAt = this.#now() + backoffMs(this.#failures, random, error.retryAfterMs);
    }
  }

  #freshUntil(outcome: Outcome): number {
    if (this.#keeping === undefined && this.#nudged) return this.#now() + Math.max(0, this.#untilNudge());
    if (outcome.kind === "absent") return this.#now() + missTtlMs;
    if (this.#keeping !== undefined) return Number.POSITIVE_INFINITY;
    if (this.loans !== undefined) return this.loans.slot < 0 ? Number.POSITIVE_INFINITY : this.loans.dueAt;
    return this.#now() + Math.min(this.context.ttlMs, untilRefresh(outcome, this.scheduler));
  }

  #scheduleNext(): void {
    const { scheduler } = this.context;
    const hinted = this.#nudged ? this.#untilNudge() : Number.POSITIVE_INFINITY;
    const usual = this.#failures > 0 ? this.retryAt - this.#now() : this.#untilPoll();
    scheduler.schedule(this, Math.max(shortestPollMs, Math.min(usual, hinted)));
  }

  #untilPoll(): number {
    const { scheduler } = this.context;
    const phase = this.#keeping?.nextPhase(scheduler.random()) ?? 1;
    const pollMs = this.provider.pollMs * phase;
    return Math.min(pollMs, untilExpiryMargin(this.outcome, scheduler), untilRefresh(this.outcome, scheduler));
  }

  /** An outside hint reads at most once a second, and waits for an unavailable provider. */
  #untilNudge(): number {
    return Math.max(this.#beganAt + hintSpacingMs, this.provider.availability.retryAt(this.path)) - this.#now();
  }

  #onHint(local: boolean): void {
    if (this.#keeping === undefined) return;
    if (local) void this.fly("after", true);
    else this.nudge();
  }

  #release(keeping: Keeping): void {
    if (this.#keeping !== keeping) return;
    this.#keeping = undefined;
    this.scheduler.cancel(this);
    if (this.freshUntil === Number.POSITIVE_INFINITY) this.freshUntil = this.#now() + this.context.ttlMs;
    this.context.track(keeping.stop());
  }

  #report(outcome: Outcome): void {
    this.context.emit({
      type: "read",
      provider: this.provider.name,
      path: this.path,
      outcome: outcome.kind === "failed" ? outcome.error.code : outcome.kind,
      durationMs: this.#now() - this.#beganAt,
      ...(outcome.kind === "ok" ? { version: outcome.version } : {}),
    });
  }

  #now(): number {
    return this.scheduler.clock.monotonic();
  }
}
