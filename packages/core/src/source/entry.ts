import { SecretError } from "../error/secret-error.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { ProviderResult, VersionSelector } from "../provider/contract.ts";
import type { Emit } from "../report/events.ts";
import { privatePayload, sameContent } from "../secret/content.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { Flight, type FlightMode } from "./flight.ts";
import { Keeping } from "./keeping.ts";
import type { Observer, Outcome, Payload, PayloadSource, ReadMode } from "./payload-source.ts";

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
      this.#scheduleNext();
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
    if (this.#keeping === undefined) this.freshUntil = 0;
    const wait = Math.max(this.#beganAt + hintSpacingMs, this.provider.gate.closedUntil) - this.#now();
    if (this.#keeping === undefined) return;
    if (wait <= 0) void this.fly("after");
    else this.#context.scheduler.hasten(this, wait);
  }

  wake(): void {
    const { scheduler, ttlMs } = this.#context;
    const age = Math.abs(scheduler.clock.now() - this.#answeredAt);
    if (this.#keeping === undefined) {
      if (age > ttlMs) this.freshUntil = 0;
    } else if (age > Math.min(ttlMs, this.provider.pollMs)) scheduler.hasten(this, scheduler.random() * 5_000);
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
    let outcome: Outcome;
    try {
      await this.#keeping?.subscribed();
      if (this.version !== "current") await this.#requireVersions();
      const result = await this.provider.call((provider, context) => provider.get(this.#request(), context), urgent);
      this.#answeredAt = clock.now();
      outcome = this.#toOutcome(result);
    } catch (error) {
      outcome = { kind: "failed", error: error as SecretError };
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

  #toOutcome(result: ProviderResult): Outcome {
    if (result.status === "not-found") return result.definitive ? { kind: "absent" } : this.#ambiguous();
    const held = this.#held;
    if (result.status === "not-modified")
      return held ?? this.#invalid("answered not-modified although nothing was held");
    if (result.status !== "ok" || typeof result.version !== "string")
      return this.#invalid("answered no status or version");
    if (held !== undefined && sameReading(held, result)) return held;
    return {
      kind: "ok",
      content: privatePayload(result.payload),
      version: result.version,
      fetchedAt: this.#answeredAt,
      provider: this.provider.name,
      fallback: false,
      ...(result.createdAt === undefined ? {} : { createdAt: result.createdAt }),
      ...(result.expiresAt === undefined ? {} : { expiresAt: result.expiresAt }),
      ...(result.labels === undefined ? {} : { labels: { ...result.labels } }),
    };
  }

  #settle(outcome: Outcome): void {
    this.outcome = outcome;
    if (outcome.kind === "failed") {
      this.#failures += 1;
      const { scheduler } = this.#context;
      this.retryAt = this.#now() + backoffMs(this.#failures, scheduler.random, outcome.error.retryAfterMs);
    } else {
      if (outcome.kind === "ok") this.#held = outcome;
      this.#failures = 0;
      this.retryAt = 0;
      this.freshUntil = this.#freshUntil(outcome);
    }
    if (this.#keeping === undefined) return;
    this.#scheduleNext();
    for (const observer of this.#keeping.observers) observer(outcome);
  }

  #freshUntil(outcome: Outcome): number {
    if (outcome.kind === "absent") return this.#now() + missTtlMs;
    return this.#keeping === undefined ? this.#now() + this.#context.ttlMs : Number.POSITIVE_INFINITY;
  }

  #scheduleNext(): void {
    const { scheduler } = this.#context;
    if (this.#failures > 0) return scheduler.schedule(this, Math.max(shortestPollMs, this.retryAt - this.#now()));
    const { pollMs } = this.provider;
    const phase = this.#keeping?.nextPhase(scheduler.random()) ?? 1;
    const delay = Math.min(pollMs * phase, untilExpiryMargin(this.outcome, scheduler));
    scheduler.schedule(this, Math.max(shortestPollMs, delay));
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

  #ambiguous(): Outcome {
    const message = `provider "${this.provider.name}" answers not found, and cannot tell whether access is missing instead`;
    const options = { provider: this.provider.name, definitive: false, tip: "Check the name, then the permissions." };
    return { kind: "failed", error: new SecretError("NOT_FOUND", message, options) };
  }

  #invalid(what: string): Outcome {
    const options = {
      provider: this.provider.name,
      reason: "invalid-result",
      tip: "Run the conformance kit on the adapter.",
    };
    return { kind: "failed", error: new SecretError("INTERNAL", `provider "${this.provider.name}" ${what}`, options) };
  }

  #now(): number {
    return this.#context.scheduler.clock.monotonic();
  }
}

function sameReading(held: Payload, result: ProviderResult & { status: "ok" }): boolean {
  return (
    held.version === result.version &&
    held.createdAt?.getTime() === result.createdAt?.getTime() &&
    held.expiresAt?.getTime() === result.expiresAt?.getTime() &&
    sameContent(held.content, result.payload)
  );
}

function expired(outcome: Outcome, { clock }: Scheduler): boolean {
  return outcome.kind === "ok" && outcome.expiresAt !== undefined && outcome.expiresAt.getTime() <= clock.now();
}

/** A read at four fifths of what is left, again and again, finds a renewed value well before the old one ends. */
function untilExpiryMargin(outcome: Outcome | undefined, { clock }: Scheduler): number {
  if (outcome?.kind !== "ok" || outcome.expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(hintSpacingMs, (outcome.expiresAt.getTime() - clock.now()) * 0.8);
}
