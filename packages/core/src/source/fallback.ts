import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Deliveries } from "../events/deliveries.ts";
import type { Emit } from "../events/events.ts";
import { race } from "../time/race.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { type FlightMode, type FlightOwner, SingleFlight } from "../time/single-flight.ts";
import { decide, type FallbackCode, type Standing } from "./decide.ts";
import { Member, type MemberHost } from "./fallback-member.ts";
import {
  type Answer,
  isReported,
  type Payload,
  type PayloadSource,
  type ReadMode,
  type Settlement,
  type SourceObserver,
  type StorePath,
} from "./source.ts";

/** The state that all fallback chains of one client share. */
export interface FallbackContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  readonly deliveries: Deliveries;
  readonly maxStaleMs: number;
}

/** The time after which a read that waits for a source also asks the next one. */
const fallbackTimeoutMs = 4_000;

/**
 * Several sources for one name, best first. A chain is sticky: an observer that has adopted a value stays with its source until
 * it adopts a value of a better source, or until no value of its source may be served any more. A refused value moves no
 * observer. A walk along the sources ends at the first answer that must not fall through.
 */
export class FallbackSource implements PayloadSource, FlightOwner, MemberHost {
  /** The answer for a new observer. */
  answer: Answer | undefined;
  readonly #name: string;
  readonly #members: readonly Member[];
  readonly #fallbackOn: ReadonlySet<FallbackCode>;
  readonly #context: FallbackContext;
  readonly #flight: SingleFlight = new SingleFlight(this);
  /** Observer -> the value that it serves; undefined if it has none. */
  readonly #serving: Map<SourceObserver, Served | undefined> = new Map();
  #refreshers = 0;
  /** The index at which the last walk ended, for observers without a serving source. */
  #published = 0;
  #walk: Walk | undefined;

  constructor(
    name: string,
    sources: readonly PayloadSource[],
    fallbackOn: ReadonlySet<FallbackCode>,
    context: FallbackContext,
  ) {
    this.#name = name;
    this.#fallbackOn = fallbackOn;
    this.#context = context;
    this.#members = sources.map((source, index) => new Member(source, index, this, context.scheduler));
  }

  /**
   * Returns the time of the serving source. Without a servable value, it is the earliest time of the failed sources: a walk
   * would end at the same source again before.
   */
  get retryAt(): number {
    const index = this.#servable();
    if (index !== undefined) return this.#member(index).source.retryAt;
    const failing = this.#members.filter(({ outcome }) => outcome?.kind === "failed");
    return failing.length === 0 ? 0 : Math.min(...failing.map(({ source }) => source.retryAt));
  }

  get freshUntil(): number {
    if (this.answer === undefined || this.answer.outcome.kind === "failed") return 0;
    const index = this.#servable();
    if (index !== undefined) return this.#member(index).source.freshUntil;
    return Math.min(...this.#members.map(({ source }) => source.freshUntil));
  }

  get isLocal(): boolean {
    return this.#members.every(({ source }) => source.isLocal);
  }

  read(mode: ReadMode): Promise<void> {
    if (mode !== "cached") return this.#flight.run(mode);
    const index = this.#servable();
    const isServed = this.answer?.outcome.kind === "notFound" || index !== undefined;
    if (!isServed || this.freshUntil <= this.#now()) return this.#flight.run("join");
    return index === undefined ? Promise.resolve() : this.#member(index).read("cached");
  }

  observe(observer: SourceObserver): void {
    if (!this.#serving.has(observer)) this.#serving.set(observer, undefined);
    this.#follow();
    if (this.answer !== undefined && isReported(this, this.#now())) observer.onAnswer(this.answer);
  }

  unobserve(observer: SourceObserver): void {
    this.#serving.delete(observer);
    this.#follow();
  }

  startRefresh(): void {
    this.#refreshers += 1;
    this.#follow();
  }

  stopRefresh(): void {
    this.#refreshers -= 1;
    this.#follow();
  }

  settle(observer: SourceObserver, payload: Payload, settlement: Settlement): void {
    // A value restored from the snapshot belongs to no member.
    const member = payload.snapshot === true ? undefined : this.#members.find((one) => one.isOf(payload));
    if (member === undefined) return;
    member.source.settle(observer, payload, settlement);
    if (!this.#serving.has(observer)) return;
    if (settlement === "discarded" && this.#serving.get(observer)?.payload.content === payload.content)
      this.#serving.set(observer, undefined);
    if (settlement !== "adopted") return;
    const before = this.#servable();
    this.#serving.set(observer, { index: member.index, payload });
    this.answer = this.#answerOf(member.index);
    if (member.index > 0 && before !== member.index) {
      const facts = { provider: payload.provider, reference: this.#name, code: "fallback" };
      this.#context.emit({ type: "provider-degraded", ...facts });
    }
    this.#follow();
  }

  previous(): PayloadSource | undefined {
    const index = this.#servable();
    return index === undefined ? undefined : this.#member(index).source.previous();
  }

  hint(): void {
    for (const { source } of this.#members.slice(0, this.#last() + 1)) source.hint();
  }

  wake(): void {
    for (const { source } of this.#members) source.wake();
  }

  stores(): readonly StorePath[] {
    return this.#members.flatMap(({ source }) => source.stores());
  }

  async runOnce(mode: FlightMode): Promise<void> {
    const serving = this.#servable();
    if (serving !== undefined) {
      this.#askBetter(serving, mode);
      await this.#member(serving).read(mode);
      if (this.#servable() !== undefined) return;
    }
    await this.#search(mode);
  }

  /** Handles every answer of a source exactly once, whether it was requested, polled, hinted or late. */
  onMember(member: Member): void {
    const { index, outcome } = member;
    if (this.#servable() === undefined) {
      this.#walk?.slow.delete(index);
      this.#walk?.answered.add(index);
      if (this.#walk !== undefined) this.#conclude(this.#walk);
      else if (!this.#flight.isRunning) void this.#flight.run("join");
      return;
    }
    for (const [observer, served] of [...this.#serving]) {
      const serving = served?.index;
      const isBetter = outcome?.kind === "ok" && index < (serving ?? this.#servable() ?? 0);
      if (index === serving || isBetter || (serving === undefined && index === this.#servable()))
        this.#report([observer], index);
    }
  }

  onMemberExtended(member: Member, payload: Payload): void {
    const marked = member.mark(payload);
    this.#context.deliveries.deliver([...this.#serving.keys()], (observer) => observer.onExtended(marked));
  }

  onMemberWithdrawn(content: SecretPayload): void {
    this.#context.deliveries.deliver([...this.#serving.keys()], (observer) => observer.onWithdrawn(content));
  }

  /** Asks the better sources without waiting for them: while a chain is not refreshed, nothing polls them. */
  #askBetter(serving: number, mode: FlightMode): void {
    for (const member of this.#members.slice(0, serving)) {
      if (member.source.retryAt <= this.#now() && !member.isRefreshing) void member.read(mode);
    }
  }

  /** Asks the sources in order until it is decided which one answers. */
  async #search(mode: FlightMode): Promise<void> {
    const { scheduler } = this.#context;
    const walk: Walk = { mode, answered: new Set(), slow: new Set(), ended: Promise.withResolvers<boolean>() };
    this.#walk = walk;
    for (let next = this.#conclude(walk); next !== undefined; next = this.#conclude(walk)) {
      const member = this.#member(next);
      if (this.#refreshers > 0) member.refresh();
      const isLast = next === this.#members.length - 1;
      const afterMs = isLast || !this.#fallbackOn.has("UNAVAILABLE") ? undefined : fallbackTimeoutMs;
      const reading = member.read(mode === "join" ? "cached" : mode).then(() => member.outcome !== undefined);
      const hasAnswered = await race(Promise.race([reading, walk.ended.promise]), scheduler, {
        afterMs,
        onLate: () => false,
      });
      if (hasAnswered) walk.answered.add(next);
      else if (!walk.answered.has(next)) walk.slow.add(next);
    }
  }

  /** Reports the result of the walk if it is decided; otherwise returns the next index to ask. */
  #conclude(walk: Walk): number | undefined {
    if (this.#walk !== walk) return undefined;
    const decision = decide(
      this.#members.map((member) => this.#standing(member, walk)),
      this.#fallbackOn,
    );
    if ("ask" in decision) return decision.ask;
    this.#walk = undefined;
    this.#publish(decision.index, walk.slow.has(decision.index));
    walk.ended.resolve(true);
    return undefined;
  }

  /**
   * Returns the state of a source in a walk. A walk with the mode `join` does not ask a source again whose answer is fresh or
   * that is backing off.
   */
  #standing({ index, source, outcome }: Member, { mode, answered, slow }: Walk): Standing {
    if (slow.has(index)) return { outcome: { kind: "failed", error: tooSlow(this.#name) }, counts: true };
    if (answered.has(index)) return { outcome, counts: true };
    const until = outcome?.kind === "failed" ? source.retryAt : source.freshUntil;
    return { outcome, counts: mode === "join" && until > this.#now() };
  }

  /** Reports the result of a walk to all observers; none of them has a servable value. */
  #publish(index: number, isSlow: boolean): void {
    this.#published = index;
    if (isSlow) {
      const error = tooSlow(this.#name);
      const began = this.#context.scheduler.stamp();
      this.answer = { outcome: { kind: "failed", error }, began, at: this.#now() };
      const { answer } = this;
      this.#context.deliveries.deliver([...this.#serving.keys()], (observer) => observer.onAnswer(answer));
    } else this.#report([...this.#serving.keys()], index);
    this.#follow();
  }

  #report(observers: readonly SourceObserver[], index: number): void {
    const answer = this.#answerOf(index);
    if (answer === undefined) return;
    this.answer = answer;
    this.#context.deliveries.deliver(observers, (observer) => observer.onAnswer(answer));
  }

  #answerOf(index: number): Answer | undefined {
    const member = this.#member(index);
    const { answer } = member;
    if (answer?.outcome.kind !== "ok") return answer;
    return { ...answer, outcome: member.mark(answer.outcome) };
  }

  /** Returns the best index whose value an observer serves and may still serve. */
  #servable(): number | undefined {
    let best: number | undefined;
    for (const served of this.#serving.values()) {
      if (served === undefined || (best !== undefined && served.index >= best)) continue;
      if (this.#member(served.index).isServable(served.payload, this.#context.maxStaleMs)) best = served.index;
    }
    return best;
  }

  /** Returns the last index that any observer needs. */
  #last(): number {
    return Math.max(0, ...[...this.#serving.values()].map((served) => served?.index ?? this.#published));
  }

  /** Observes all sources while the chain is observed, and refreshes those that are needed while the chain is refreshed. */
  #follow(): void {
    const isObserved = this.#serving.size > 0;
    const last = this.#last();
    for (const member of this.#members) {
      if (isObserved) member.observe();
      else member.unobserve();
      if (this.#refreshers > 0 && member.index <= last) member.refresh();
      else member.stopRefresh();
    }
  }

  #member(index: number): Member {
    return this.#members[index] as Member;
  }

  #now(): number {
    return this.#context.scheduler.clock.monotonic();
  }
}

/** The value that an observer has adopted. */
interface Served {
  readonly index: number;
  readonly payload: Payload;
}

/** One search for a source that answers. */
interface Walk {
  readonly mode: FlightMode;
  /** Indexes of the sources that have answered. */
  readonly answered: Set<number>;
  /** Indexes of the sources that did not answer in time. */
  readonly slow: Set<number>;
  readonly ended: PromiseWithResolvers<boolean>;
}

function tooSlow(name: string): SecretError {
  const message = `no answer for "${name}" within ${fallbackTimeoutMs / 1000} s; the next source is asked`;
  return new SecretError("UNAVAILABLE", message, { reason: "timeout", reference: name });
}
