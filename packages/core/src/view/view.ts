import type { Codec, Decoded } from "../decode/decoder.ts";
import { type SecretError, withErrorContext } from "../error/secret-error.ts";
import type { Reference } from "../name/reference.ts";
import { type Selector, select } from "../name/selector.ts";
import type { SecretPayload } from "../provider/contract.ts";
import { sameContent } from "../secret/content.ts";
import { contentVersion } from "../secret/content-version.ts";
import { contentOfSecret, type Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Outcome, Payload, PayloadSource } from "../source/payload-source.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Task } from "../time/scheduler.ts";
import { Admission, type AdmissionHost, type Candidate, type Gatekeeper } from "./admission.ts";
import { Audience } from "./audience.ts";
import { isDenial, lapseOf, never } from "./lapse.ts";
import { load } from "./load.ts";
import { Masking } from "./masking.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";
import { dropped, droppedAgain, notFound, notReady } from "./view-problem.ts";

/**
 * One reference read through one decoder: the unit that adopts values. `kept` is the promise that readers get; it is
 * there exactly while the adopted value may be served without asking, and timers take it away, so no read looks at a clock.
 */
export class View<T> implements Task, AdmissionHost<T> {
  dueAt = 0;
  slot = -1;
  kept: Promise<Secret<T> | undefined> | undefined;
  adopted: SnapshotSecret<T> | undefined;
  /** Why nothing may be served; undefined while something may. */
  block: SecretError | undefined;
  /** What is wrong now, whether or not it blocks. */
  problem: SecretError | undefined;
  /** The store says definitively that it does not exist. */
  absent = false;
  /** Read since the last sweep. */
  touched = true;
  /** How many watches and derived resources hold on to it. */
  pins = 0;
  /** Monotonic time of the store's last confirmation. */
  goodAt = 0;
  readonly reference: Reference;
  readonly codec: Codec<T>;
  readonly policy: ViewPolicy<T>;
  readonly source: PayloadSource;
  readonly context: ViewContext;
  readonly audience: Audience<T>;
  readonly #selectors: readonly Selector[];
  readonly #masking: Masking;
  readonly #admission: Admission<T>;
  #payload: Payload | undefined;
  #content: SecretPayload | undefined;
  #lastSeen: Outcome | undefined;
  #refused: Payload | undefined;
  #failures = 0;
  #retryAt = never;
  #mustAsk = false;
  #loading: Promise<Secret<T> | undefined> | undefined;
  #letGo: (() => void) | undefined;
  /** keyed versions of dropped contents */
  #dropped: Set<string> | undefined;

  constructor(
    reference: Reference,
    codec: Codec<T>,
    policy: ViewPolicy<T>,
    routed: { readonly source: PayloadSource; readonly selectors: readonly Selector[] },
    context: ViewContext,
  ) {
    this.reference = reference;
    this.codec = codec;
    this.policy = policy;
    this.source = routed.source;
    this.#selectors = routed.selectors;
    this.context = context;
    this.audience = new Audience(reference.text, context.emit);
    this.#masking = new Masking(reference.text, policy, context);
    this.#admission = new Admission(reference.text, codec, policy.accept, this, context.scheduler);
  }

  get isKept(): boolean {
    return this.#letGo !== undefined;
  }

  get gatekeepers(): ReadonlySet<Gatekeeper<T>> | undefined {
    return this.audience.gatekeepers;
  }

  /** A declared value that its mask leaves readable in output. */
  get isUnmasked(): boolean {
    return this.#masking.unmasked;
  }

  /** Settles when no candidate is in work. */
  get idle(): Promise<void> | undefined {
    return this.#admission.idle;
  }

  /** Monotonic time before which asking again is pointless. */
  get retryAt(): number {
    return Math.max(this.source.retryAt, this.#retryAt === never ? 0 : this.#retryAt);
  }

  /** The content that is served, for those who compare. */
  get content(): SecretPayload | undefined {
    return this.#content;
  }

  /** Has the source kept fresh from now on. */
  keep(): void {
    this.#letGo ??= this.source.keep((outcome) => this.process(outcome));
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
    if (this.adopted === undefined && !(this.absent && this.policy.optional))
      throw notReady(this.reference.text, this.problem);
    return this.adopted;
  }

  /** Milliseconds since the store last confirmed what is held. */
  get ageMs(): number {
    return this.adopted === undefined ? 0 : this.#now() - this.goodAt;
  }

  /** Hands out the adopted value without asking, until the moment that `arm` finds. */
  serve(): Promise<Secret<T> | undefined> {
    this.kept ??= Promise.resolve(this.adopted);
    this.arm();
    return this.kept;
  }

  /** The next read asks the store; should that fail, the adopted value is served. */
  invalidate(): void {
    this.#mustAsk = true;
    this.kept = undefined;
  }

  /** Discards the adopted value and refuses its content from now on, whatever source it comes from. */
  drop(alsoContent: SecretPayload | undefined): void {
    this.#dropped ??= new Set();
    for (const content of [this.#content, alsoContent]) {
      if (content !== undefined) this.#dropped.add(contentVersion(content));
    }
    this.#admission.cancel();
    this.#forget();
    this.#stop(dropped(this.reference.text));
    void this.source.read("after").then((outcome) => this.see(outcome));
  }

  /** Processes what a read answered, unless that has arrived through `keep` already. */
  see(outcome: Outcome): void {
    if (outcome !== this.#lastSeen) this.process(outcome);
  }

  /** The one way in for what a source says. */
  process(outcome: Outcome): void {
    if (this.audience.closed) return;
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
      else void this.source.read("join").then((outcome) => this.see(outcome));
    }
    this.arm();
  }

  /** Takes away what time forbids, and arms the moment at which to look again. */
  arm(): void {
    if (this.audience.closed) return;
    const { scheduler } = this.context;
    const lapse = lapseOf(this, scheduler.clock.now(), this.#now());
    if (lapse.error !== undefined && this.block === undefined) {
      this.#stop(lapse.error);
      void this.source.read("join").then((outcome) => this.see(outcome));
    }
    if (this.kept !== undefined && lapse.cachedUntil <= this.#now()) this.kept = undefined;
    const next = Math.min(lapse.at, this.kept === undefined ? never : lapse.cachedUntil, this.#retryAt);
    if (next === never) scheduler.cancel(this);
    else scheduler.schedule(this, next - this.#now());
  }

  close(error: SecretError): void {
    this.audience.close();
    this.#admission.close(error);
    this.context.scheduler.cancel(this);
    this.letGo();
    this.#stop(error);
    this.#masking.retire();
  }

  // What its admission asks of it

  get everyReveal(): ((secret: SnapshotSecret<unknown>) => void) | undefined {
    return this.context.everyReveal;
  }

  onReveal(secret: SnapshotSecret<unknown>, decoded: Decoded<unknown>): void {
    this.#masking.expose(decoded, this.#content, secret === this.adopted);
  }

  onExpose(content: SecretPayload): void {
    this.#masking.exposeContent(content);
  }

  onAdmitted({ payload, content }: Candidate, secret: SnapshotSecret<T>): void {
    const previous = this.adopted;
    const wasAbsent = this.absent;
    this.#masking.retire();
    this.#adopt(payload, content, secret);
    this.audience.changed(secret, previous, wasAbsent);
  }

  onRefused({ payload }: Candidate, error: SecretError): void {
    if (this.audience.closed) return;
    this.#refused = payload;
    this.audience.refused(payload, error);
    this.#fail(error);
    if (error.retryable) this.#retryLater();
    this.arm();
  }

  /** @throws {SecretError} INVALID_VALUE when what is selected is not there */
  selectFrom(payload: Payload): SecretPayload {
    const context = { reference: this.reference.text, provider: payload.provider };
    return this.#selectors.reduce((whole, selector) => select(whole, selector, context), payload.content);
  }

  isDropped(content: SecretPayload): boolean {
    return this.#dropped?.has(contentVersion(content)) === true;
  }

  #offer(payload: Payload): void {
    this.goodAt = this.#now();
    let content: SecretPayload;
    try {
      content = this.selectFrom(payload);
    } catch (error) {
      return this.onRefused({ payload, content: payload.content }, error as SecretError);
    }
    if (this.isDropped(content)) {
      this.#refused = payload;
      this.#fail(droppedAgain(this.reference.text));
      return this.#retryLater();
    }
    if (this.#content !== undefined && this.adopted !== undefined && sameContent(content, this.#content)) {
      this.#admission.cancel();
      this.#confirm(payload, this.#content, this.adopted);
    } else this.#admission.offer({ payload, content });
  }

  /** The same content as before: at most a new version or the return of what was deleted. */
  #confirm(payload: Payload, content: SecretPayload, adopted: SnapshotSecret<T>): void {
    const wasAbsent = this.absent;
    if (payload === this.#payload) return this.#adopt(payload, content, adopted);
    const decoded = contentOfSecret(adopted) as Decoded<T>;
    const secret = new SnapshotSecret(this.reference.text, payload, decoded, this);
    this.#adopt(payload, content, secret);
    if (wasAbsent) this.audience.changed(secret, adopted, true);
  }

  #adopt(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void {
    const recovered = this.problem !== undefined || this.block !== undefined;
    const renewed = secret !== this.adopted;
    this.#payload = payload;
    this.#content = content;
    this.adopted = secret;
    this.absent = false;
    this.problem = undefined;
    this.block = undefined;
    this.#refused = undefined;
    this.#retryAt = never;
    if (recovered) this.audience.recovered(this.#failures);
    this.#failures = 0;
    if (renewed || this.kept === undefined) this.kept = Promise.resolve(secret);
    this.arm();
  }

  #fail(error: SecretError): void {
    const named = error.reference === undefined ? withErrorContext(error, { reference: this.reference.text }) : error;
    const isNews = this.problem?.code !== named.code || this.problem.reason !== named.reason;
    this.problem = named;
    this.#failures += 1;
    if (isNews) this.audience.failed(named, this.adopted === undefined ? undefined : this.#now() - this.goodAt);
    if (isDenial(named) && this.context.onDenied === "throw") this.#stop(named);
    else if (!this.policy.declared) this.kept = undefined;
  }

  #remove(): void {
    this.goodAt = this.#now();
    this.#admission.cancel();
    const isNews = !this.absent && this.adopted !== undefined;
    this.absent = true;
    this.#refused = undefined;
    if (this.policy.optional) this.#beNothing();
    else {
      this.problem = notFound(this.reference.text);
      this.#failures += 1;
      if (!this.policy.declared) this.kept = undefined;
      if (this.adopted === undefined) this.#retryLater();
      else if (this.policy.onDelete === "clear") this.#stop(this.problem);
    }
    if (isNews) this.audience.deleted();
  }

  /** An optional secret that does not exist is a good answer. */
  #beNothing(): void {
    this.#forget();
    this.problem = undefined;
    this.block = undefined;
    this.#failures = 0;
    this.kept = Promise.resolve(undefined);
  }

  #forget(): void {
    this.#masking.retire();
    this.adopted = undefined;
    this.#content = undefined;
    this.#payload = undefined;
  }

  #stop(error: SecretError): void {
    this.block = error;
    this.kept = undefined;
    this.audience.stopped();
  }

  /** A source that is kept repeats failed reads by itself; this repeats what it calls a success. */
  #retryLater(): void {
    if (!this.isKept) return;
    const { scheduler } = this.context;
    this.#retryAt = this.#now() + backoffMs(this.#failures, scheduler.random);
  }

  #now(): number {
    return this.context.scheduler.clock.monotonic();
  }
}
