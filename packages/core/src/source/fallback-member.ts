import type { SecretPayload } from "../contract/contract.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Answer, Outcome, Payload, PayloadSource, ReadMode, SourceObserver } from "./source.ts";

/** The listener of the members of a chain. */
export interface MemberHost {
  onMember(member: Member): void;
  onMemberExtended(member: Member, payload: Payload): void;
  onMemberWithdrawn(content: SecretPayload): void;
}

/** One source of a chain and its last answer. */
export class Member implements SourceObserver {
  answer: Answer | undefined;
  readonly source: PayloadSource;
  readonly index: number;
  readonly #chain: MemberHost;
  readonly #scheduler: Scheduler;
  #payload: Payload | undefined;
  #marked: Payload | undefined;
  /** Monotonic time of the last good answer. */
  #goodAt = 0;
  #isObserving = false;
  #isRefreshing = false;

  constructor(source: PayloadSource, index: number, chain: MemberHost, scheduler: Scheduler) {
    this.source = source;
    this.index = index;
    this.#chain = chain;
    this.#scheduler = scheduler;
  }

  get outcome(): Outcome | undefined {
    return this.answer?.outcome;
  }

  get isRefreshing(): boolean {
    return this.#isRefreshing;
  }

  onAnswer(answer: Answer): void {
    if (answer === this.answer) return;
    this.answer = answer;
    if (answer.outcome.kind !== "failed") this.#goodAt = answer.at;
    if (answer.outcome.kind === "ok") this.#payload = answer.outcome;
    this.#chain.onMember(this);
  }

  onExtended(payload: Payload): void {
    if (this.#payload?.content === payload.content) this.#payload = payload;
    this.#chain.onMemberExtended(this, payload);
  }

  onWithdrawn(content: SecretPayload): void {
    this.#chain.onMemberWithdrawn(content);
  }

  read(mode: ReadMode): Promise<void> {
    return this.source.read(mode);
  }

  observe(): void {
    if (this.#isObserving) return;
    this.#isObserving = true;
    this.source.observe(this);
  }

  unobserve(): void {
    if (this.#isObserving) this.source.unobserve(this);
    this.#isObserving = false;
  }

  refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.source.startRefresh();
  }

  stopRefresh(): void {
    if (this.#isRefreshing) this.source.stopRefresh();
    this.#isRefreshing = false;
  }

  isOf(payload: Payload): boolean {
    return this.source.stores().some(({ provider }) => provider.name === payload.provider);
  }

  /**
   * Whether a value of this source may still be served: it has not expired, and the source does not fail for longer than
   * `maxStaleMs`.
   */
  isServable(served: Payload, maxStaleMs: number): boolean {
    const { clock } = this.#scheduler;
    const payload = this.#payload?.content === served.content ? this.#payload : served;
    if (untilEndMs(payload, clock) <= 0) return false;
    return this.outcome?.kind !== "failed" || clock.monotonic() - this.#goodAt < maxStaleMs;
  }

  /** Marks a payload as a fallback's unless this is the first source. Equal readings yield the same object. */
  mark(payload: Payload): Payload {
    if (this.index === 0) return payload;
    if (this.#marked !== undefined && isSameReading(this.#marked, payload)) return this.#marked;
    this.#marked = { ...payload, fallback: true };
    return this.#marked;
  }
}

/** Compares the expiry too, because renewing a lease changes nothing else. */
function isSameReading(marked: Payload, payload: Payload): boolean {
  return (
    marked.content === payload.content && marked.version === payload.version && marked.expiresAt === payload.expiresAt
  );
}
