import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Deliveries } from "../events/deliveries.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { type FlightMode, type FlightOwner, SingleFlight } from "../time/single-flight.ts";
import {
  type Answer,
  isReported,
  type Payload,
  type PayloadSource,
  type ReadMode,
  type SourceObserver,
  type StorePath,
} from "./source.ts";

/** The state that the sources of previous versions of one client share. */
export interface PreviousContext {
  readonly scheduler: Scheduler;
  readonly deliveries: Deliveries;
}

/** The previous version of a secret, read from the source that serves the current one. */
export class PreviousSource implements PayloadSource, SourceObserver, FlightOwner {
  answer: Answer | undefined;
  readonly #name: string;
  readonly #current: PayloadSource;
  readonly #context: PreviousContext;
  readonly #flight: SingleFlight = new SingleFlight(this);
  #observers: readonly SourceObserver[] = [];
  /** The current version whose previous one was read last. */
  #seen: Payload | undefined;

  constructor(name: string, current: PayloadSource, context: PreviousContext) {
    this.#name = name;
    this.#current = current;
    this.#context = context;
  }

  get retryAt(): number {
    return Math.max(this.#current.retryAt, this.#current.previous()?.retryAt ?? 0);
  }

  /** Returns the time of the current version, or 0 if that has changed, because its previous version has then changed, too. */
  get freshUntil(): number {
    const isCurrent = this.#current.answer?.outcome === this.#seen;
    return !isCurrent || this.answer === undefined || this.answer.outcome.kind === "failed"
      ? 0
      : this.#current.freshUntil;
  }

  get isLocal(): boolean {
    return this.#current.isLocal;
  }

  read(mode: ReadMode): Promise<void> {
    const now = this.#context.scheduler.clock.monotonic();
    if (mode === "cached" && this.freshUntil > now && this.#current.answer?.outcome === this.#seen)
      return Promise.resolve();
    return this.#flight.run(mode);
  }

  observe(observer: SourceObserver): void {
    this.#observers = [...this.#observers, observer];
    if (this.#observers.length === 1) this.#current.observe(this);
    if (this.answer !== undefined && isReported(this, this.#context.scheduler.clock.monotonic()))
      observer.onAnswer(this.answer);
  }

  unobserve(observer: SourceObserver): void {
    this.#observers = this.#observers.filter((other) => other !== observer);
    if (this.#observers.length === 0) this.#current.unobserve(this);
  }

  startRefresh(): void {
    this.#current.startRefresh();
  }

  stopRefresh(): void {
    this.#current.stopRefresh();
  }

  /** Does nothing: no previous version is leased. */
  settle(): void {}

  previous(): undefined {
    return undefined;
  }

  hint(): void {
    this.#current.hint();
  }

  wake(): void {
    this.#current.wake();
  }

  stores(): readonly StorePath[] {
    return [...this.#current.stores(), ...(this.#current.previous()?.stores() ?? [])];
  }

  async runOnce(mode: FlightMode): Promise<void> {
    const began = this.#context.scheduler.stamp();
    await this.#current.read(mode);
    const current = this.#current.answer;
    if (current === undefined) return;
    if (current.outcome.kind !== "ok") return this.#report({ ...current, began });
    // A fallback chain has a serving source only after an observer has adopted a value.
    if (this.#current.previous() === undefined) this.#current.settle(this, current.outcome, "adopted");
    const source = this.#current.previous();
    if (source === undefined) {
      const error = unsupported(this.#name, current.outcome);
      return this.#report({ ...current, outcome: { kind: "failed", error }, began });
    }
    // The previous version of an earlier current version is out of date, however recently it was read.
    const hasMoved = this.#seen !== undefined && this.#seen !== current.outcome;
    await source.read(hasMoved ? "after" : mode);
    // Set only now: a concurrent reader must not get the previous version of an earlier current version as fresh.
    this.#seen = current.outcome;
    if (source.answer !== undefined) this.#report({ ...source.answer, began });
  }

  /** Reads the previous version again after the current one has changed, or after a failure. */
  onAnswer({ outcome }: Answer): void {
    if (this.#flight.isRunning) return;
    const hasFailed = this.answer?.outcome.kind === "failed";
    if (this.answer !== undefined && (outcome !== this.#seen || hasFailed)) void this.#flight.run("cached");
  }

  onExtended(): void {}

  onWithdrawn(_content: SecretPayload): void {}

  #report(answer: Answer): void {
    this.answer = answer;
    this.#context.deliveries.deliver(this.#observers, (observer) => observer.onAnswer(answer));
  }
}

function unsupported(name: string, { composite }: Payload): SecretError {
  const why = composite === true ? "it is composed of several secrets" : "each read issues a new value";
  return new SecretError("UNSUPPORTED", `a previous version of "${name}" cannot be read: ${why}`, {
    reason: composite === true ? "composite" : "leased",
    reference: name,
  });
}
