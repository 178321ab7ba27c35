import { isSecretError, SecretError } from "../error/secret-error.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { VersionSelector } from "../provider/contract.ts";
import { isGateRefusal } from "../provider/gate.ts";
import type { Emit } from "../report/events.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { Flight, type FlightMode } from "./flight.ts";
import { Keeping } from "./keeping.ts";
import type { Observer, Outcome, Payload, PayloadSource, ReadMode } from "./payload-source.ts";
import { toOutcome } from "./provider-answer.ts";

/** What all entries of one client share. */
export interface EntryContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  /** How long an answer that nothing keeps fresh is good for; already jittered for this process. */
  readonly ttlMs: number;
  /** Work that closing the client must wait for. */
  track(work: Promise<void>): void;
  /** The entry for another version of the same path. */
  sibling(entry: Entry, version: VersionSelector): Entry;
}

const missTtlMs = 10_000;
const hintSpacingMs = 1_000;
const shortestPollMs = 500;
const wakeWithinMs = 5_000;

/** One path of one provider in one version: the only place that calls a provider for a value. */
export class Entry extends Flight<Outcome> implements PayloadSource, Task {
  dueAt = 0;
  slot = -1;
  outcome: Outcome | undefined;
  retryAt = 0;
  freshUntil = 0;
  readonly provider: ConfiguredProvider;
  readonly path: string;
  readonly version: VersionSelector;
  readonly #context: EntryContext;
  /** The newest good answer, adopted by a view or not: what `ifVersion` speaks of. */
  #held: Payload | undefined;
  #failures = 0;
  /** A hint has come that no read has followed yet. */
  #nudged = false;
  #beganAt = Number.NEGATIVE_INFINITY;
  #answeredAt = 0;
  #keeping: Keeping | undefined;

  constructor(provider: ConfiguredProvider, path: string, version: VersionSelector, context: EntryContext) {
    super();
    this.provider = provider;
    this.path = path;
    this.version = version;
    this.#context = context;
  }

  get isLocal(): boolean {
    return this.provider.supports?.subscribe === "local";
  }

  get isKept(): boolean {
    return this.#keeping !== undefined;
  }

  async read(mode: ReadMode): Promise<Outcome> {
    const { outcome } = this;
    if (mode !== "cached") return await this.fly(mode);
    const fresh = outcome !== undefined && outcome.kind !== "failed" && this.freshUntil > this.#now();
    return fresh && !expired(outcome, this.#context.scheduler) ? outcome : await this.fly("join");
  }

  keep(observer: Observer): () => void {
    if (this.#keeping === undefined) {
      this.#keeping = new Keeping(this.provider, this.path, (local) => this.#onHint(local));
      // What was read before nobody watched over is read again.
      this.freshUntil = 0;
      const { scheduler } = this.#context;
      scheduler.schedule(this, Math.max(shortestPollMs, this.provider.pollMs * scheduler.random()));
    }
    const keeping = this.#keeping;
    keeping.observers = [...keeping.observers, observer];
    return () => {
      keeping.observers = keeping.observers.filter((other) => other !== observer);
      if (keeping.observers.length === 0) this.#release(keeping);
    };
  }

  previous(): PayloadSource {
    return this.#context.sibling(this, "previous");
  }

  nudge(): void {
    if (this.#keeping === undefined) {
      this.#nudged = this.inFlight;
      this.freshUntil = Math.min(this.freshUntil, this.#now() + Math.max(0, this.#untilNudge()));
    } else if (this.#untilNudge() <= 0) void this.fly("after");
    else {
      // A read in flight arms the next one when it ends; it must not forget this.
      this.#nudged = true;
      this.#context.scheduler.hasten(this, this.#untilNudge());
    }
  }

  wake(): void {
    const { scheduler, ttlMs } = this.#context;
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

  /** The poll. */
  run(): void {
    void this.fly("join");
  }

  protected async begin(_mode: FlightMode, urgent: boolean): Promise<Outcome> {
    const { clock } = this.#context.scheduler;
    this.#beganAt = this.#now();
    this.#nudged = false;
    let outcome: Outcome;
    try {
      await this.#keeping?.subscribed();
      if (this.version !== "current") await this.#requireVersions();
      const result = await this.provider.call((provider, context) => provider.get(this.#request(), context), urgent);
      this.#answeredAt = clock.now();
      outcome = toOutcome(result, this.#held, this.provider.name, this.#answeredAt);
    } catch (error) {
      outcome = { kind: "failed", error: isSecretError(error) ? error : this.provider.toSecretError(error) };
    }
    this.#report(outcome);
    this.#settle(outcome);
    return outcome;
  }

  async #requireVersions(): Promise<void> {
    const { supports } = await this.provider.open();
    if (supports.versions) return;
    const message = `provider "${this.provider.name}" keeps no versions but the current one`;
    throw new SecretError("UNSUPPORTED", message, { reason: "versions", provider: this.provider.name });
  }

  #request(): { path: string; version: VersionSelector; ifVersion?: string } {
    const { path, version } = this;
    const ifVersion = this.provider.supports?.conditional === true ? this.#held?.version : undefined;
    return ifVersion === undefined ? { path, version } : { path, version, ifVersion };
  }

  #settle(outcome: Outcome): void {
    this.outcome = outcome;
    if (outcome.kind === "failed") this.#backOff(outcome.error);
    else {
      if (outcome.kind === "ok") this.#held = outcome;
      this.#failures = 0;
      this.retryAt = 0;
      this.freshUntil = this.#freshUntil(outcome);
    }
    if (this.#keeping === undefined) return;
    this.#scheduleNext();
    for (const observer of this.#keeping.observers) observer(outcome);
  }

  /** Being turned away at a closed gate is no failure of this secret: it is back when the gate lets somebody through. */
  #backOff(error: SecretError): void {
    const { random } = this.#context.scheduler;
    if (isGateRefusal(error)) {
      this.#failures = Math.max(1, this.#failures);
      this.retryAt = Math.max(this.#now(), this.provider.gate.closedUntil) + random() * shortestPollMs;
    } else {
      this.#failures += 1;
      this.retryAt = this.#now() + backoffMs(this.#failures, random, error.retryAfterMs);
    }
  }

  #freshUntil(outcome: Outcome): number {
    if (this.#keeping === undefined && this.#nudged) return this.#now() + Math.max(0, this.#untilNudge());
    if (outcome.kind === "absent") return this.#now() + missTtlMs;
    return this.#keeping === undefined ? this.#now() + this.#context.ttlMs : Number.POSITIVE_INFINITY;
  }

  #scheduleNext(): void {
    const { scheduler } = this.#context;
    const hinted = this.#nudged ? this.#untilNudge() : Number.POSITIVE_INFINITY;
    const usual = this.#failures > 0 ? this.retryAt - this.#now() : this.#untilPoll();
    scheduler.schedule(this, Math.max(shortestPollMs, Math.min(usual, hinted)));
  }

  #untilPoll(): number {
    const { scheduler } = this.#context;
    const phase = this.#keeping?.nextPhase(scheduler.random()) ?? 1;
    return Math.min(this.provider.pollMs * phase, untilExpiryMargin(this.outcome, scheduler));
  }

  /** An outside hint reads at most once a second, and waits for a closed provider. */
  #untilNudge(): number {
    return Math.max(this.#beganAt + hintSpacingMs, this.provider.gate.closedUntil) - this.#now();
  }

  #onHint(local: boolean): void {
    if (this.#keeping === undefined) return;
    if (local) void this.fly("after", true);
    else this.nudge();
  }

  #release(keeping: Keeping): void {
    if (this.#keeping !== keeping) return;
    this.#keeping = undefined;
    this.#context.scheduler.cancel(this);
    if (this.freshUntil === Number.POSITIVE_INFINITY) this.freshUntil = this.#now() + this.#context.ttlMs;
    this.#context.track(keeping.stop());
  }

  #report(outcome: Outcome): void {
    this.#context.emit({
      type: "read",
      provider: this.provider.name,
      path: this.path,
      outcome: outcome.kind === "failed" ? outcome.error.code : outcome.kind,
      durationMs: this.#now() - this.#beganAt,
      ...(outcome.kind === "ok" ? { version: outcome.version } : {}),
    });
  }

  #now(): number {
    return this.#context.scheduler.clock.monotonic();
  }
}

function expired(outcome: Outcome, { clock }: Scheduler): boolean {
  return outcome.kind === "ok" && outcome.expiresAt !== undefined && outcome.expiresAt.getTime() <= clock.now();
}

/** A read at four fifths of what is left, again and again, finds a renewed value well before the old one ends. */
function untilExpiryMargin(outcome: Outcome | undefined, { clock }: Scheduler): number {
  if (outcome?.kind !== "ok" || outcome.expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(hintSpacingMs, (outcome.expiresAt.getTime() - clock.now()) * 0.8);
}
