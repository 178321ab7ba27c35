import type { Codec, Decoded } from "../decode/decoder.ts";
import { type SecretError, withErrorContext } from "../error/secret-error.ts";
import type { Reference } from "../name/reference.ts";
import { type Selector, select } from "../name/selector.ts";
import type { SecretPayload } from "../provider/contract.ts";
import { sameContent } from "../secret/content.ts";
import { contentOfSecret, type Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Outcome, Payload, PayloadSource } from "../source/payload-source.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Task } from "../time/scheduler.ts";
import { Admission, type AdmissionHost, type Candidate } from "./admission.ts";
import { Holding } from "./holding.ts";
import { isDenial, lapseOf, never } from "./lapse.ts";
import { load } from "./load.ts";
import { reportChange, reportFailure, reportRefusal } from "./view-events.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";
import { dropped, droppedAgain, notFound, notReady } from "./view-problem.ts";

/**
 * One reference read through one decoder: the unit that adopts values. Timers take away what may not be served any more,
 * so no read looks at a clock.
 */
export class View<T> extends Holding<T> implements Task, AdmissionHost<T> {
  dueAt = 0;
  slot = -1;
  /** Read since the last sweep. */
  touched = true;
  /** How many watches and derived resources hold on to it. */
  pins = 0;
  /** Monotonic time of the store's last confirmation. */
  goodAt = 0;
  readonly reference: Reference;
  readonly codec: Codec<T>;
  readonly source: PayloadSource;
  readonly #selectors: readonly Selector[];
  #admission: Admission<T> | undefined;
  #lastSeen: Outcome | undefined;
  #refused: Payload | undefined;
  #failures = 0;
  #retryAt = never;
  #mustAsk = false;
  #loading: Promise<Secret<T> | undefined> | undefined;
  #letGo: (() => void) | undefined;

  constructor(
    reference: Reference,
    codec: Codec<T>,
    policy: ViewPolicy<T>,
    routed: { readonly source: PayloadSource; readonly selectors: readonly Selector[] },
    context: ViewContext,
  ) {
    super(policy, context);
    this.reference = reference;
    this.codec = codec;
    this.source = routed.source;
    this.#selectors = routed.selectors;
  }

  get name(): string {
    return this.reference.text;
  }

  get isKept(): boolean {
    return this.#letGo !== undefined;
  }

  /** Settles when no candidate is in work. */
  get idle(): Promise<void> | undefined {
    return this.#admission?.idle;
  }

  /** Monotonic time before which asking again is pointless. */
  get retryAt(): number {
    return Math.max(this.source.retryAt, this.#retryAt === never ? 0 : this.#retryAt);
  }

  /** Milliseconds since the store last confirmed what is held. */
  get ageMs(): number {
    return this.adopted === undefined ? 0 : this.#now() - this.goodAt;
  }

  /** Has the source kept fresh from now on. */
  keep(): void {
    if (!this.isClosed) this.#letGo ??= this.source.keep((outcome) => this.process(outcome));
  }

  letGo(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  /** What readers without special wishes get; one load is shared by all who wait. */
  read(): Promise<Secret<T> | undefined> {
    this.touched = true;
    if (this.kept !== undefined) return this.kept;
    this.#loading ??= load(this, this.#mustAsk ? "after" : "cached").finally(() => {
      this.#loading = undefined;
    });
    this.#mustAsk = false;
    return this.#loading;
  }

  /** What is held, without waiting. @throws {SecretError} NOT_READY, or the code of what forbids serving */
  latest(): Secret<T> | undefined {
    if (this.block !== undefined) throw this.block;
    if (this.adopted === undefined && !(this.absent && this.policy.optional)) throw notReady(this.name, this.problem);
    return this.adopted;
  }

  /** Hands out what is held without asking, until the moment that `arm` finds. */
  serve(): Promise<Secret<T> | undefined> {
    const serving = this.kept ?? Promise.resolve(this.adopted);
    this.kept = serving;
    this.arm();
    return serving;
  }

  /** The next read asks the store; should that fail, the adopted value is served. */
  invalidate(): void {
    this.#mustAsk = true;
    this.kept = undefined;
  }

  /** Discards what is held, and refuses its content from now on. */
  drop(alsoContent: SecretPayload | undefined): void {
    this.ban([this.content, alsoContent]);
    this.#admission?.cancel();
    this.forget();
    this.stop(dropped(this.name));
    void this.source.read("after").then((outcome) => this.see(outcome));
  }

  /** @throws {SecretError} INVALID_VALUE when what is selected is not there */
  selectFrom(payload: Payload): SecretPayload {
    const context = { reference: this.name, provider: payload.provider };
    return this.#selectors.reduce((whole, selector) => select(whole, selector, context), payload.content);
  }

  /** Processes what a read answered, unless that has arrived through `keep` already. */
  see(outcome: Outcome): void {
    if (outcome !== this.#lastSeen) this.process(outcome);
  }

  /** The one way in for what a source says. */
  process(outcome: Outcome): void {
    if (this.isClosed) return;
    this.#lastSeen = outcome;
    if (outcome.kind === "failed") this.#fail(outcome.error);
    else if (outcome.kind === "absent") this.#remove();
    else this.#offer(outcome);
    this.arm();
  }

  /** Due: a lapse, the end of the time to live, or another try. */
  run(): void {
    if (this.#retryAt <= this.#now()) {
      this.#retryAt = never;
      if (this.#refused !== undefined) this.#offer(this.#refused);
      else this.#readAgain();
    }
    this.arm();
  }

  /** Takes away what time forbids, and arms the moment at which to look again. */
  arm(): void {
    if (this.isClosed) return;
    const { scheduler } = this.context;
    const now = this.#now();
    const lapse = lapseOf(this, scheduler.clock.now(), now);
    if (lapse.error !== undefined && this.block === undefined) {
      this.stop(lapse.error);
      this.#readAgain();
    }
    if (lapse.cachedUntil <= now) this.kept = undefined;
    const next = Math.min(lapse.at, this.kept === undefined ? never : lapse.cachedUntil, this.#retryAt);
    if (next === never) scheduler.cancel(this);
    else scheduler.schedule(this, next - now);
  }

  close(error: SecretError): void {
    this.isClosed = true;
    this.#admission?.close(error);
    this.context.scheduler.cancel(this);
    this.letGo();
    this.stop(error);
    this.tell((audience) => audience.close());
    this.retireMasks();
  }

  onAdmitted({ payload, content }: Candidate, secret: SnapshotSecret<T>): void {
    const previous = this.adopted;
    const reason = !this.hasServed ? "initial" : this.absent ? "recreated" : "rotated";
    this.retireMasks();
    this.#adopt(payload, content, secret);
    reportChange(this, secret, previous, reason);
  }

  onRefused({ payload }: Candidate, error: SecretError): void {
    if (this.isClosed) return;
    this.#refused = payload;
    reportRefusal(this, payload, error);
    this.#fail(error);
    if (error.retryable) this.#retryLater();
    this.arm();
  }

  #offer(payload: Payload): void {
    this.goodAt = this.#now();
    let content: SecretPayload;
    try {
      content = this.selectFrom(payload);
    } catch (error) {
      return this.onRefused({ payload, content: payload.content }, error as SecretError);
    }
    if (this.isDropped(content)) return this.#refuseDropped(payload);
    if (this.content === undefined || this.adopted === undefined || !sameContent(content, this.content)) {
      this.#admission ??= new Admission(this.name, this.codec, this.policy.accept, this, this.context.scheduler);
      this.#admission.offer({ payload, content });
      // Most views never have a candidate in work; they need no admission between two values.
      if (this.#admission.idle === undefined) this.#admission = undefined;
    } else this.#confirm(payload, this.content, this.adopted);
  }

  /** The same content as before: at most a new version, or the return of what was deleted. */
  #confirm(payload: Payload, content: SecretPayload, adopted: SnapshotSecret<T>): void {
    const wasAbsent = this.absent;
    const isSame = payload === this.payload;
    const decoded = contentOfSecret(adopted) as Decoded<T>;
    const secret = isSame ? adopted : new SnapshotSecret(this.name, payload, decoded, this);
    this.#admission?.cancel();
    this.#adopt(payload, content, secret);
    if (wasAbsent) reportChange(this, secret, adopted, "recreated");
  }

  #adopt(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void {
    if (this.#failures > 0) this.context.emit({ type: "recovered", reference: this.name, failures: this.#failures });
    this.hold(payload, content, secret);
    this.hasServed = true;
    this.#refused = undefined;
    this.#retryAt = never;
    this.#failures = 0;
    this.arm();
  }

  #refuseDropped(payload: Payload): void {
    this.#refused = payload;
    this.#fail(droppedAgain(this.name));
    this.#retryLater();
  }

  #fail(error: SecretError): void {
    const named = error.reference === undefined ? withErrorContext(error, { reference: this.name }) : error;
    const isNews = this.problem?.code !== named.code || this.problem.reason !== named.reason;
    this.problem = named;
    this.#failures += 1;
    if (isNews) reportFailure(this, named);
    if (isDenial(named) && this.context.onDenied === "throw") this.stop(named);
    else if (!this.policy.declared) this.kept = undefined;
  }

  #remove(): void {
    this.goodAt = this.#now();
    this.#admission?.cancel();
    const isNews = !this.absent && this.adopted !== undefined;
    this.absent = true;
    this.#refused = undefined;
    if (this.policy.optional) {
      this.holdNothing();
      this.#failures = 0;
    } else this.#miss(notFound(this.name));
    if (!isNews) return;
    this.context.emit({ type: "deleted", reference: this.name });
    this.tell((audience) => audience.deleted());
  }

  #miss(error: SecretError): void {
    this.problem = error;
    this.#failures += 1;
    if (!this.policy.declared) this.kept = undefined;
    if (this.adopted === undefined) this.#retryLater();
    else if (this.policy.onDelete === "clear") this.stop(error);
  }

  /** A source that is kept repeats failed reads by itself; this repeats what it calls a success. */
  #retryLater(): void {
    if (this.isKept) this.#retryAt = this.#now() + backoffMs(this.#failures, this.context.scheduler.random);
  }

  #readAgain(): void {
    void this.source.read("join").then((outcome) => this.see(outcome));
  }

  #now(): number {
    return this.context.scheduler.clock.monotonic();
  }
}
