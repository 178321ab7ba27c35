import { sameContent } from "../contract/content.ts";
import type { SecretPayload } from "../contract/contract.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import type { Deliveries } from "../events/deliveries.ts";
import { type Selector, select } from "../name/selector.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { type FlightMode, type FlightOwner, SingleFlight } from "../time/single-flight.ts";
import { hasEnded } from "./deadlines.ts";
import { placesOf } from "./places.ts";
import {
  type Answer,
  isReported,
  type Outcome,
  type Payload,
  type PayloadSource,
  type ReadMode,
  type SourceObserver,
  type StorePath,
} from "./source.ts";

/** One field of a composed secret. */
export interface Part {
  readonly field: string;
  readonly source: PayloadSource;
  readonly select: Selector | undefined;
  readonly optional: boolean;
}

/** The maximum number of rereads; parts that still differ afterwards are joined as they are. */
const mostRounds = 5;

/** The state that all composed secrets of one client share. */
export interface CompositeContext {
  readonly scheduler: Scheduler;
  readonly deliveries: Deliveries;
}

/**
 * One name composed of fields from several places. Parts of one physical secret come from one reading. If one part has changed,
 * the others are read again before they are joined, so that a rotation of several parts is never partly visible.
 */
export class CompositeSource implements PayloadSource, SourceObserver, FlightOwner {
  answer: Answer | undefined;
  readonly #name: string;
  readonly #parts: readonly Part[];
  /** Distinct, because parts may share a source. */
  readonly #sources: readonly PayloadSource[];
  readonly #context: CompositeContext;
  readonly #flight: SingleFlight = new SingleFlight(this);
  #observers: readonly SourceObserver[] = [];
  #refreshers = 0;
  /** The outcome of each source at the last join. */
  #joined: readonly (Outcome | undefined)[] = [];

  constructor(name: string, parts: readonly Part[], context: CompositeContext) {
    this.#name = name;
    this.#parts = parts;
    this.#sources = [...new Set(parts.map(({ source }) => source))];
    this.#context = context;
  }

  get retryAt(): number {
    return Math.max(...this.#sources.map(({ retryAt }) => retryAt));
  }

  get freshUntil(): number {
    return this.answer === undefined ? 0 : Math.min(...this.#sources.map(({ freshUntil }) => freshUntil));
  }

  get isLocal(): boolean {
    return this.#sources.every(({ isLocal }) => isLocal);
  }

  read(mode: ReadMode): Promise<void> {
    if (mode !== "cached") return this.#flight.run(mode);
    const { answer } = this;
    const isGood =
      answer !== undefined && answer.outcome.kind !== "failed" && !hasEnded(answer.outcome, this.#context.scheduler);
    const isFresh = isGood && this.freshUntil > this.#now() && !this.#hasChanged();
    return isFresh ? Promise.resolve() : this.#flight.run("cached");
  }

  observe(observer: SourceObserver): void {
    this.#observers = [...this.#observers, observer];
    if (this.#observers.length === 1) for (const source of this.#sources) source.observe(this);
    if (this.answer !== undefined && isReported(this, this.#now())) observer.onAnswer(this.answer);
  }

  unobserve(observer: SourceObserver): void {
    this.#observers = this.#observers.filter((other) => other !== observer);
    if (this.#observers.length === 0) for (const source of this.#sources) source.unobserve(this);
  }

  startRefresh(): void {
    this.#refreshers += 1;
    if (this.#refreshers === 1) for (const source of this.#sources) source.startRefresh();
  }

  stopRefresh(): void {
    this.#refreshers -= 1;
    if (this.#refreshers === 0) for (const source of this.#sources) source.stopRefresh();
  }

  /** Does nothing: no part of a composed secret is leased. */
  settle(): void {}

  /** Returns undefined: the previous versions of the parts need not belong together. */
  previous(): undefined {
    return undefined;
  }

  hint(): void {
    for (const source of this.#sources) source.hint();
  }

  wake(): void {
    for (const source of this.#sources) source.wake();
  }

  stores(): readonly StorePath[] {
    return this.#sources.flatMap((source) => source.stores());
  }

  async runOnce(mode: FlightMode): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.read(mode)));
    if (this.#joined.length > 0) await this.#settleParts();
    this.#join();
  }

  /**
   * Joins the parts after an answer of one, or reads them all if its content has changed. While a read of all parts runs, the
   * read itself joins them.
   */
  onAnswer(): void {
    if (this.#flight.isRunning || this.#sources.some(({ answer }) => answer === undefined)) return;
    if (this.#changedSince(this.#joined).length > 0) void this.#flight.run("cached");
    else this.#join();
  }

  /**
   * Reads the other parts again after a change, until no part changes: a rotation of all parts may fall between the reads of
   * two parts, also during a reread.
   */
  async #settleParts(): Promise<void> {
    let seen = this.#joined;
    for (let round = 0; round < mostRounds; round += 1) {
      const changed = this.#changedSince(seen);
      if (changed.length === 0) return;
      seen = this.#outcomes();
      const others = this.#sources.filter((source) => changed.length > 1 || source !== changed[0]);
      await Promise.all(others.map((source) => source.read("after")));
    }
  }

  onExtended(): void {}

  onWithdrawn(content: SecretPayload): void {
    this.#context.deliveries.deliver(this.#observers, (observer) => observer.onWithdrawn(content));
  }

  /**
   * Joins the last answers of the parts and reports the result. Equal readings are reported too, because they confirm the
   * served value.
   */
  #join(): void {
    const isSame = this.answer !== undefined && !this.#hasChanged();
    const outcome = isSame ? (this.answer as Answer).outcome : this.#compose();
    const answers = this.#sources.map(({ answer }) => answer);
    this.#joined = this.#outcomes();
    const began = Math.min(...answers.map((answer) => answer?.began ?? 0));
    const answer = { outcome, began, at: Math.min(...answers.map((one) => one?.at ?? this.#now())) };
    this.answer = answer;
    this.#context.deliveries.deliver(this.#observers, (observer) => observer.onAnswer(answer));
  }

  /**
   * Returns the sources whose content has changed, appeared or disappeared since `seen`; the other parts may then have changed,
   * too.
   */
  #changedSince(seen: readonly (Outcome | undefined)[]): readonly PayloadSource[] {
    return this.#sources.filter(({ answer }, index) => hasChanged(answer?.outcome, seen[index]));
  }

  #outcomes(): readonly (Outcome | undefined)[] {
    return this.#sources.map(({ answer }) => answer?.outcome);
  }

  #hasChanged(): boolean {
    return this.#sources.some(({ answer }, index) => answer?.outcome !== this.#joined[index]);
  }

  #compose(): Outcome {
    const required = this.#parts.filter(({ optional }) => !optional);
    // A failure of an optional part also fails the whole: its field would disappear during an outage.
    const failed = this.#sources.find(({ answer }) => answer?.outcome.kind === "failed");
    if (failed?.answer !== undefined) return failed.answer.outcome;
    const missing = required.filter(({ source }) => source.answer?.outcome.kind === "notFound");
    if (missing.length > 0 && missing.length === required.length) return { kind: "notFound" };
    if (missing.length > 0) return { kind: "failed", error: missingParts(this.#name, missing) };
    try {
      return this.#payload();
    } catch (error) {
      return { kind: "failed", error: error as SecretError };
    }
  }

  #now(): number {
    return this.#context.scheduler.clock.monotonic();
  }

  #payload(): Outcome {
    const present = this.#parts.flatMap((part) => {
      const outcome = part.source.answer?.outcome;
      return outcome?.kind === "ok" ? [{ part, payload: outcome }] : [];
    });
    const fields = new Map<string, Uint8Array>();
    for (const { part, payload } of present) {
      const bytes = bytesOf(part, payload, this.#name);
      if (bytes !== undefined) fields.set(part.field, bytes);
    }
    if (fields.size === 0) return { kind: "notFound" };
    const payloads = [...new Set(present.map(({ payload }) => payload))];
    if (payloads.some(({ lease }) => lease !== undefined)) throw leasedPart(this.#name);
    const created = payloads.flatMap(({ createdAt }) => (createdAt === undefined ? [] : [createdAt.getTime()]));
    const ends = payloads.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt.getTime()]));
    return {
      kind: "ok",
      content: { kind: "fields", fields },
      version: payloads.map(({ version }) => version).join("+"),
      fetchedAt: Math.min(...payloads.map(({ fetchedAt }) => fetchedAt)),
      provider: [...new Set(payloads.map(({ provider }) => provider))].join("+"),
      fallback: payloads.some(({ fallback }) => fallback),
      composite: true,
      ...(created.length === 0 ? {} : { createdAt: new Date(Math.max(...created)) }),
      ...(ends.length === 0 ? {} : { expiresAt: new Date(Math.min(...ends)) }),
    };
  }
}

/** Whether the content has changed between two outcomes. A failure is no change. */
function hasChanged(outcome: Outcome | undefined, before: Outcome | undefined): boolean {
  if (outcome === before || outcome?.kind === "failed") return false;
  return outcome?.kind !== "ok" || before?.kind !== "ok" || !sameContent(outcome.content, before.content);
}

/**
 * Returns the bytes of one field, or undefined if the secret of an optional part lacks it.
 * @throws {SecretError} INVALID_VALUE if a selector does not match or selects several fields
 */
function bytesOf(part: Part, payload: Payload, name: string): Uint8Array | undefined {
  const content = selected(part, payload, name);
  if (content === undefined) return undefined;
  if (content.kind === "value") return content.bytes;
  throw new SecretError(
    "INVALID_VALUE",
    `field "${part.field}" of "${name}" is bound to a secret with several fields`,
    {
      reason: "fields-not-value",
      reference: name,
      provider: payload.provider,
      tip: `Add "select" to the binding; the fields are ${[...content.fields.keys()].join(", ")}.`,
    },
  );
}

function selected(part: Part, payload: Payload, name: string): SecretPayload | undefined {
  if (part.select === undefined) return payload.content;
  try {
    return select(payload.content, part.select, { reference: name, provider: payload.provider });
  } catch (error) {
    if (part.optional && isSecretError(error) && error.reason === "field-missing") return undefined;
    throw error;
  }
}

/** Returns the error for a leased part: the parts would expire at different times, and could not be renewed or revoked together. */
function leasedPart(name: string): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    `"${name}" is composed of several secrets, and its store leases one of them`,
    {
      reason: "leased-part",
      reference: name,
      tip: "Bind the whole leased secret under a name of its own, and select its fields there.",
    },
  );
}

function missingParts(name: string, parts: readonly Part[]): SecretError {
  const fields = parts
    .map(({ field, source }) => `${field}: no ${placesOf(source, undefined).join(", and no ")}`)
    .join("; ");
  return new SecretError("INVALID_VALUE", `"${name}" is composed of several secrets and some do not exist: ${fields}`, {
    reason: "field-missing",
    reference: name,
    tip: 'Create them, or mark the fields "optional" in the binding.',
  });
}
