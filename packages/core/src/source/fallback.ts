import type { FallbackCode } from "../config/parsed-config.ts";
import type { Emit } from "../events/events.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { Flight, type FlightMode } from "../time/single-flight.ts";
import { fallsThrough } from "./falls-through.ts";
import { patiently } from "./patience.ts";
import type { Observer, Outcome, Payload, PayloadSource, ReadMode } from "./source.ts";
import type { Entry } from "./store-source.ts";

/** What all chains of one client share. */
export interface ChainContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  readonly maxStaleMs: number;
}

/**
 * Several sources for one name, best first. It is sticky: once a source has served, only a better one takes over, or
 * any of them when nothing servable is left. An answer that may not fall through ends the walk.
 */
export class Chain extends Flight<Outcome> implements PayloadSource {
  outcome: Outcome | undefined;
  readonly #name: string;
  readonly #sources: readonly PayloadSource[];
  readonly #fallbackOn: ReadonlySet<FallbackCode>;
  readonly #context: ChainContext;
  readonly #observers: Set<Observer> = new Set();
  /** rank -> release; every source that matters now */
  readonly #kept: Map<number, () => void> = new Map();
  /** rank -> answer of the present walk */
  readonly #answers: Map<number, Outcome> = new Map();
  /** rank -> what came through `keep` since that source was last asked */
  readonly #heard: Map<number, Outcome> = new Map();
  /** The rank that serves. */
  #rank: number | undefined;
  #payload: Payload | undefined;
  /** Monotonic time of the last good answer. */
  #goodAt = 0;
  #failing = false;

  constructor(
    name: string,
    sources: readonly PayloadSource[],
    fallbackOn: ReadonlySet<FallbackCode>,
    context: ChainContext,
  ) {
    super();
    this.#name = name;
    this.#sources = sources;
    this.#fallbackOn = fallbackOn;
    this.#context = context;
  }

  /** Without a servable value the walk decides: what it did not reach cannot help before what it stopped at. */
  get retryAt(): number {
    if (this.#rank !== undefined && this.#isServable()) return this.#sources[this.#rank]?.retryAt ?? 0;
    const failing = this.#sources.filter(({ outcome }) => outcome?.kind === "failed");
    return failing.length === 0 ? 0 : Math.min(...failing.map(({ retryAt }) => retryAt));
  }

  get freshUntil(): number {
    if (this.outcome === undefined || this.outcome.kind === "failed") return 0;
    if (this.#rank !== undefined) return this.#sources[this.#rank]?.freshUntil ?? 0;
    return Math.min(...this.#sources.map(({ freshUntil }) => freshUntil));
  }

  get isLocal(): boolean {
    return this.#sources.every(({ isLocal }) => isLocal);
  }

  async read(mode: ReadMode): Promise<Outcome> {
    if (mode !== "cached") return await this.fly(mode);
    const fresh = this.freshUntil > this.#now() && (this.outcome?.kind === "absent" || this.#isServable());
    return fresh ? (this.outcome as Outcome) : await this.fly("join");
  }

  keep(observer: Observer): () => void {
    this.#observers.add(observer);
    this.#keepThrough(this.#rank ?? 0);
    return () => {
      if (this.#observers.delete(observer) && this.#observers.size === 0) this.#keepThrough(-1);
    };
  }

  previous(): PayloadSource | undefined {
    return this.#rank === undefined ? undefined : this.#sources[this.#rank]?.previous();
  }

  nudge(): void {
    for (const source of this.#sources.slice(0, (this.#rank ?? 0) + 1)) source.nudge();
  }

  wake(): void {
    for (const source of this.#sources) source.wake();
  }

  leaves(): readonly Entry[] {
    return this.#sources.flatMap((source) => source.leaves());
  }

  protected async begin(mode: FlightMode): Promise<Outcome> {
    if (this.#rank !== undefined && this.#isServable()) {
      const rank = this.#rank;
      this.#askBetter(rank, mode);
      await this.#ask(rank, (source) => source.read(mode));
      if (this.#isServable()) return this.outcome as Outcome;
    }
    return await this.#walk(mode);
  }

  /** Nothing polls the better sources of a chain that is not kept, so a refresh asks them; it does not wait for them. */
  #askBetter(rank: number, mode: FlightMode): void {
    for (let better = 0; better < rank; better += 1) {
      const isDue = (this.#sources[better]?.retryAt ?? 0) <= this.#now();
      if (isDue && !this.#kept.has(better)) void this.#ask(better, (source) => source.read(mode));
    }
  }

  /** Reads one source and takes its answer, unless that came through `keep` meanwhile: each answer counts once. */
  async #ask(rank: number, read: (source: PayloadSource) => Promise<Outcome>): Promise<Outcome> {
    this.#heard.delete(rank);
    const outcome = await read(this.#sources[rank] as PayloadSource);
    if (this.#heard.get(rank) !== outcome) this.#take(rank, outcome);
    return outcome;
  }

  /** Asks one source after the other until an answer may not fall through. */
  async #walk(mode: FlightMode): Promise<Outcome> {
    this.#answers.clear();
    for (const rank of this.#sources.keys()) {
      if (this.#observers.size > 0) this.#keepThrough(rank);
      const outcome = await this.#ask(rank, (source) => this.#patiently(rank, this.#inWalk(source, mode)));
      if (this.#rank !== undefined && this.#isServable()) return this.outcome as Outcome;
      if (!fallsThrough(outcome, this.#fallbackOn)) break;
    }
    return this.outcome as Outcome;
  }

  /** A walk for one source's sake does not disturb another that said something lately, or is backing off. */
  async #inWalk(source: PayloadSource, mode: FlightMode): Promise<Outcome> {
    const { outcome, retryAt } = source;
    if (mode === "join" && outcome?.kind === "failed" && retryAt > this.#now()) return outcome;
    return await source.read(mode === "join" ? "cached" : mode);
  }

  /** No patience is needed where nothing would be asked instead. */
  async #patiently(rank: number, reading: Promise<Outcome>): Promise<Outcome> {
    if (rank === this.#sources.length - 1 || !this.#fallbackOn.has("UNAVAILABLE")) return await reading;
    return await patiently(this.#name, reading, this.#context.scheduler, (late) => {
      if (this.#heard.get(rank) !== late) this.#take(rank, late);
    });
  }

  /** The one place where a source's answer counts, whether it was asked for, polled, hinted or late. */
  #take(rank: number, outcome: Outcome): void {
    if (this.#rank !== undefined && this.#isServable()) {
      if (rank === this.#rank) this.#publish(rank, outcome);
      else if (rank < this.#rank && outcome.kind === "ok") this.#publish(rank, outcome);
      return;
    }
    this.#answers.set(rank, outcome);
    const verdict = this.#verdict();
    if (verdict !== undefined) this.#publish(verdict.rank, verdict.outcome);
    else if (!this.inFlight) void this.fly("join");
  }

  /** What the answers so far amount to; undefined while a source must still be asked. */
  #verdict(): { rank: number; outcome: Outcome } | undefined {
    let failure: { rank: number; outcome: Outcome } | undefined;
    for (const rank of this.#sources.keys()) {
      const outcome = this.#answers.get(rank);
      if (outcome === undefined) return undefined;
      if (outcome.kind === "ok") return { rank, outcome };
      if (outcome.kind === "failed") failure ??= { rank, outcome };
      if (!fallsThrough(outcome, this.#fallbackOn) || rank === this.#sources.length - 1)
        return failure ?? { rank, outcome };
    }
    return undefined;
  }

  #publish(rank: number, outcome: Outcome): void {
    const seen = outcome.kind === "ok" ? this.#marked(rank, outcome) : outcome;
    if (outcome.kind === "ok") {
      if (rank > 0 && this.#rank !== rank) {
        this.#context.emit({
          type: "provider-degraded",
          provider: outcome.provider,
          reference: this.#name,
          code: "fallback",
        });
      }
      this.#rank = rank;
      this.#answers.clear();
      if (this.#observers.size > 0) this.#keepThrough(rank);
    }
    this.#failing = outcome.kind === "failed";
    if (!this.#failing) this.#goodAt = this.#now();
    this.outcome = seen;
    for (const observer of [...this.#observers]) observer(seen);
  }

  /** A payload says whether it came from a fallback; the same reading stays the same object. */
  #marked(rank: number, payload: Payload): Payload {
    const marked = this.#payload;
    if (rank === 0) this.#payload = payload;
    else if (marked === undefined || !marked.fallback || !sameOrigin(marked, payload)) {
      this.#payload = { ...payload, fallback: true };
    }
    return this.#payload as Payload;
  }

  #isServable(): boolean {
    if (this.#payload === undefined) return false;
    const { clock } = this.#context.scheduler;
    if (untilEndMs(this.#payload, clock) <= 0) return false;
    return !this.#failing || clock.monotonic() - this.#goodAt < this.#context.maxStaleMs;
  }

  /** Keeps the sources of rank 0 to `last` fresh, and no others. */
  #keepThrough(last: number): void {
    for (const [rank, source] of this.#sources.entries()) {
      const release = this.#kept.get(rank);
      if (rank <= last && release === undefined) {
        this.#kept.set(
          rank,
          source.keep((outcome) => {
            this.#heard.set(rank, outcome);
            this.#take(rank, outcome);
          }),
        );
      } else if (rank > last && release !== undefined) {
        this.#kept.delete(rank);
        release();
      }
    }
  }

  #now(): number {
    return this.#context.scheduler.clock.monotonic();
  }
}

function sameOrigin(marked: Payload, payload: Payload): boolean {
  const isSame = marked.content === payload.content && marked.version === payload.version;
  // A renewed lease is the same content with another end.
  return isSame && marked.provider === payload.provider && marked.expiresAt === payload.expiresAt;
}
