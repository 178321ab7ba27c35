import { sameContent } from "../contract/content.ts";
import type { SecretPayload } from "../contract/contract.ts";
import type { Codec, Decoded } from "../decode/codec.ts";
import { isSecretError, type SecretError, withErrorContext } from "../error/secret-error.ts";
import type { ChangeReason } from "../events/change-reason.ts";
import type { Reference } from "../name/reference.ts";
import { type Selector, select } from "../name/selector.ts";
import {
  contentOfSecret,
  type Exposure,
  factsOfSecret,
  isSameValue,
  type Secret,
  SnapshotSecret,
} from "../secret/secret.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Answer, Payload, PayloadSource, SourceObserver } from "../source/source.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Task } from "../time/scheduler.ts";
import { Admission, type AdmissionHost, type Candidate } from "./admission.ts";
import type { AdmissionStep } from "./admission-step.ts";
import { hashesOfValue, hashOfContent } from "./bans.ts";
import { Completion, type CompletionHost } from "./completion.ts";
import { type Listener, Listeners } from "./listeners.ts";
import { load } from "./load.ts";
import { Masking } from "./masking.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";
import { dropped, droppedAgain, expired, isDenial, notFound, notReady, stale } from "./view-problem.ts";

/** Where a view reads, and what it selects there. */
export interface RoutedSource {
  readonly source: PayloadSource;
  readonly selectors: readonly Selector[];
}

/** What may be served now, and whether the store must be asked first; or why nothing may be. */
export type Verdict<T> =
  | { readonly serve: Secret<T> | undefined; readonly ask: boolean }
  | { readonly error: SecretError };

const never = Number.POSITIVE_INFINITY;
const noSteps: ReadonlySet<never> = new Set();
/** Of replaced contents: `drop: true` refuses them too. */
const rememberedContents = 2;

/**
 * One reference read through one decoder: the unit that takes values over. `verdict` alone says what may be served; timers
 * tell of it and decide nothing.
 */
export class View<T> implements AdmissionHost<T>, CompletionHost<T>, Exposure, SourceObserver, Task {
  dueAt = 0;
  slot = -1;
  /** Read since the last sweep. */
  touched = true;
  /** How many watches, derived resources and reads hold on to it. */
  pins = 0;
  readonly reference: Reference;
  readonly codec: Codec<T>;
  readonly policy: ViewPolicy<T>;
  readonly source: PayloadSource;
  readonly context: ViewContext;
  /** What readers get without any question: there exactly while the current value has no end, no problem, and is refreshed. */
  cachedRead: Promise<Secret<T> | undefined> | undefined;
  current: SnapshotSecret<T> | undefined;
  /** What the reference selects of the current payload. */
  content: SecretPayload | undefined;
  /** Monotonic time at which the store last confirmed what is current. */
  confirmedAt = 0;
  /** What is wrong now, whether or not it keeps anything from being served. */
  lastError: SecretError | undefined;
  /** The store says definitively that it does not exist. */
  isNotFound = false;
  readonly #selectors: readonly Selector[];
  #payload: Payload | undefined;
  #answer: Answer | undefined;
  /** Stamps: of the last `invalidate`, and of the read that gave the last answer. */
  #invalidated = 0;
  #answered = 0;
  #dropped: SecretError | undefined;
  /** The store's last word about access, until it gives a value again or says that there is none. */
  #denied: SecretError | undefined;
  #closed: SecretError | undefined;
  #hasServed = false;
  /** What listeners were told last. */
  #isServing = false;
  #handed: Promise<Secret<T> | undefined> | undefined;
  #loading: Promise<Secret<T> | undefined> | undefined;
  #observing: (() => void) | undefined;
  #refreshing: (() => void) | undefined;
  #admission: Admission<T> | undefined;
  #completion: Completion<T> | undefined;
  /** Refused, and worth another question later. */
  #refused: Candidate | undefined;
  #toldRefusal: SecretPayload | undefined;
  #failures = 0;
  #stepFailures = 0;
  /** Monotonic time of the next try at what the source calls a success. */
  #retryDue = never;
  #listeners: Listeners<T> | undefined;
  #masking: Masking | undefined;
  #replaced: readonly (readonly string[])[] | undefined;

  constructor(
    reference: Reference,
    codec: Codec<T>,
    policy: ViewPolicy<T>,
    { source, selectors }: RoutedSource,
    context: ViewContext,
  ) {
    this.reference = reference;
    this.codec = codec;
    this.policy = policy;
    this.source = source;
    this.context = context;
    this.#selectors = selectors;
  }

  get name(): string {
    return this.reference.text;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Whether its source is refreshed for it. */
  get isRefreshing(): boolean {
    return this.#refreshing !== undefined;
  }

  get isDropped(): boolean {
    return this.#dropped !== undefined;
  }

  /** Milliseconds since the store last confirmed what is current. */
  get ageMs(): number {
    return this.current === undefined ? 0 : this.#now() - this.confirmedAt;
  }

  /** Settles when no candidate is in work; undefined when none is. */
  get idle(): Promise<void> | undefined {
    return this.#admission?.idle;
  }

  /** Settles when no step prepares for the current value; undefined when none does. */
  get completing(): Promise<void> | undefined {
    return this.#completion?.running;
  }

  /** Monotonic time before which asking again is pointless. */
  get retryAt(): number {
    return Math.max(this.source.retryAt, this.#retryDue === never ? 0 : this.#retryDue);
  }

  get listeners(): Listeners<T> {
    this.#listeners ??= new Listeners(this.name, this.context.emit);
    return this.#listeners;
  }

  get steps(): ReadonlySet<AdmissionStep<T>> {
    return this.#listeners?.steps ?? noSteps;
  }

  /** A declared value that its mask leaves readable in output. */
  get isUnmasked(): boolean {
    return this.#masking?.unmasked === true;
  }

  /** The one place that says what may be served. */
  verdict(): Verdict<T> {
    const { current, lastError, policy, context } = this;
    if (this.#closed !== undefined) return { error: this.#closed };
    if (this.#dropped !== undefined) return { error: this.#dropped };
    if (this.#denied !== undefined && context.onDenied === "throw") return { error: this.#denied };
    if (current === undefined) {
      if (this.isNotFound && policy.optional) return { serve: undefined, ask: this.#mustAsk() };
      return { error: notReady(this.name, lastError) };
    }
    if (current.untilEndMs(context.scheduler.clock) <= 0) return { error: expired(this.name) };
    if (lastError === undefined) return { serve: current, ask: this.#mustAsk() };
    if (this.isNotFound && policy.onDelete === "clear") return { error: lastError };
    if (isStaling(lastError) && this.ageMs >= context.maxStaleMs) return { error: stale(this.name, lastError) };
    // An undeclared decoder has no last good value of its own: what it cannot read now is an error.
    if (!policy.declared && isSecretError(lastError, "INVALID_VALUE")) return { error: lastError };
    return { serve: current, ask: this.#mustAsk() };
  }

  /** What is held, without waiting. @throws {SecretError} what the verdict says */
  latest(): Secret<T> | undefined {
    const verdict = this.verdict();
    if ("error" in verdict) throw verdict.error;
    return verdict.serve;
  }

  /** What readers without options get; one load is shared by all who wait. */
  read(): Promise<Secret<T> | undefined> {
    this.touched = true;
    if (this.cachedRead !== undefined) return this.cachedRead;
    const verdict = this.verdict();
    if ("serve" in verdict && !verdict.ask) {
      // A lease that nobody refreshes is renewed as long as somebody reads it.
      if (this.#payload?.lease !== undefined) void this.source.read("cached");
      return this.hand(verdict.serve);
    }
    if (this.#loading !== undefined) return this.#loading;
    const loading = load(this, this.isInvalidated ? "replace" : "cached").finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
    return loading;
  }

  /** The promise that readers share. */
  hand(secret: Secret<T> | undefined): Promise<Secret<T> | undefined> {
    this.#handed ??= Promise.resolve(secret);
    const isPlain =
      this.isRefreshing && this.lastError === undefined && !this.isInvalidated && this.#endsIn() === never;
    if (isPlain && this.#dropped === undefined && this.source.freshUntil === never) this.cachedRead = this.#handed;
    return this.#handed;
  }

  /** Whether no answer to the last `invalidate` has come yet. */
  get isInvalidated(): boolean {
    return this.#invalidated > this.#answered;
  }

  /** Hears its source from now on. */
  observe(): void {
    if (!this.isClosed) this.#observing ??= this.source.observe(this);
  }

  /** Has the source refreshed from now on. */
  startRefresh(): void {
    if (this.isClosed || this.#refreshing !== undefined) return;
    this.observe();
    this.#refreshing = this.source.startRefresh();
  }

  stopRefresh(): void {
    this.cachedRead = undefined;
    this.#refreshing?.();
    this.#refreshing = undefined;
  }

  /** The last one who holds on to an undeclared one ends what costs a connection. */
  unpin(): void {
    this.pins -= 1;
    if (this.pins === 0 && !this.policy.declared && !this.source.isLocal) this.stopRefresh();
  }

  /** The next read asks the store; should that fail, the current value is served. */
  invalidate(): void {
    this.#invalidated = this.context.scheduler.stamp();
    this.cachedRead = undefined;
    this.#loading = undefined;
  }

  /** Lets every step that has nothing for the current value prepare for it. */
  complete(isNewer = false): void {
    const { current } = this;
    if (current === undefined || "error" in this.verdict()) return;
    if (![...this.steps].some((step) => step.needs(current))) return;
    this.#completion ??= new Completion(this.name, this, this.context.scheduler);
    this.#completion.complete(current, isNewer);
  }

  /** What of a payload a drop would look at: what the view selects, and what that lies in. */
  contentsOf(payload: Payload): readonly SecretPayload[] {
    const contents: SecretPayload[] = [payload.content];
    const context = { reference: this.name, provider: payload.provider };
    for (const selector of this.#selectors) contents.push(select(contents.at(-1) as SecretPayload, selector, context));
    return contents;
  }

  /** Hashes of everything that this view holds, may take over, or has served lately. */
  heldHashes(): readonly string[] {
    const candidates = [
      ...(this.#admission?.candidates ?? []),
      ...(this.#refused === undefined ? [] : [this.#refused]),
    ];
    const held = this.current === undefined ? [] : this.hashesOf(this.current);
    return [...held, ...candidates.map(({ content }) => hashOfContent(content)), ...(this.#replaced ?? []).flat()];
  }

  /** Hashes of what this view makes of a Secret: as it selects it, and as the application sees it. */
  hashesOf(secret: Secret<unknown>): readonly string[] {
    const content = this.contentsOf(factsOfSecret(secret) as Payload).at(-1) as SecretPayload;
    const decoded = contentOfSecret(secret);
    return [hashOfContent(content), ...(decoded === undefined ? [] : hashesOfValue(decoded))];
  }

  /** Ends what is banned from now on: what is current, in work, or waiting to be told. Tells whether the current value was. */
  applyBans(): boolean {
    this.#loading = undefined;
    const isBanned = (one: Candidate): boolean => this.#isBanned(one.payload);
    if (this.#admission?.candidates.some(isBanned) === true) this.#admission.cancel();
    if (this.#refused !== undefined && isBanned(this.#refused)) this.#refused = undefined;
    const isDropped = (secret: SnapshotSecret<T>): boolean =>
      this.#isBanned(factsOfSecret(secret) as Payload) || this.isBannedValue(contentOfSecret(secret) as Decoded<T>);
    const isHeld = this.current !== undefined && isDropped(this.current);
    if (isHeld) this.#withdraw();
    this.#tell((listener) => listener.onDrop?.(isDropped));
    return isHeld;
  }

  /** Reads until something else than what was dropped is there. */
  readOther(): void {
    void this.source.read("replace");
  }

  // As an observer of its source

  onAnswer(answer: Answer): void {
    if (this.isClosed || answer === this.#answer) return;
    // What time has changed since anybody looked is told before what the answer changes.
    this.#tellServing();
    this.#answer = answer;
    this.#answered = Math.max(this.#answered, answer.began);
    const { outcome, at } = answer;
    if (outcome.kind === "failed") this.#fail(outcome.error);
    else if (outcome.kind === "notFound") this.#remove(at);
    else this.#offer(outcome, at);
    this.arm();
  }

  onExtended(payload: Payload): void {
    if (this.isClosed) return;
    this.#admission?.extend(payload);
    if (this.#refused?.payload.content === payload.content) this.#refused = { ...this.#refused, payload };
    if (this.#payload?.content === payload.content && this.current !== undefined) {
      this.#setCurrent(payload, this.content as SecretPayload, this.#withFacts(this.current, payload));
      if (this.lastError !== undefined && !isSecretError(this.lastError, "INVALID_VALUE")) this.#clearError();
      this.confirmedAt = this.#now();
    }
    this.arm();
  }

  onWithdrawn(content: SecretPayload): void {
    if (this.isClosed) return;
    if (this.#refused?.payload.content === content) this.#refused = undefined;
    if (this.#admission?.candidates.some(({ payload }) => payload.content === content) === true)
      this.#admission.cancel();
    if (this.#payload?.content !== content) return;
    const { version } = this.#payload;
    this.#withdraw();
    this.#tellEverybody(() => this.context.emit({ type: "drop", reference: this.name, version }));
    const isDropped = (secret: SnapshotSecret<T>): boolean => (factsOfSecret(secret) as Payload).content === content;
    this.#tell((listener) => listener.onDrop?.(isDropped));
    if (this.isRefreshing) this.readOther();
  }

  // As the host of its admission

  isCurrent(decoded: Decoded<T>): boolean {
    if (this.current === undefined || this.#dropped !== undefined) return false;
    return isSameValue(contentOfSecret(this.current) as Decoded<unknown>, decoded);
  }

  isBannedValue(decoded: Decoded<T>): boolean {
    return this.context.bans.hasValue(this.reference.name, decoded);
  }

  onBanned({ payload }: Candidate): void {
    if (this.isClosed) return;
    this.#masking?.retireCandidate();
    this.#refuseBanned(payload);
    this.arm();
  }

  onConfirmed(candidate: Candidate): void {
    if (this.isClosed) return;
    this.#masking?.retireCandidate();
    if (this.current !== undefined) this.#confirm(candidate, this.current);
    this.arm();
  }

  onAdmitted({ payload, content, at }: Candidate, secret: SnapshotSecret<T>): void {
    // A schema is code of the application: it may have closed the client, or dropped the value.
    if (this.isClosed || this.#isBanned(payload)) return;
    const previous = this.current;
    const isLeased = payload.lease !== undefined && this.#payload?.lease !== undefined;
    const reason = !this.#hasServed ? "initial" : this.isNotFound ? "recreated" : isLeased ? "lease" : "rotated";
    if (previous !== undefined) this.#remember(previous);
    this.#masking?.retire();
    this.#takeOver(payload, content, secret, at);
    this.#hasServed = true;
    this.#refused = undefined;
    this.#tellChange(secret, previous, reason);
    this.arm();
    this.complete(true);
  }

  onRefused(candidate: Candidate, error: SecretError): void {
    if (this.isClosed) return;
    const { payload } = candidate;
    this.#masking?.retireCandidate();
    // Only what may be accepted later is offered again; for anything else the store must answer something new.
    this.#refused = error.retryable ? candidate : undefined;
    this.source.settle(this, payload, error.retryable ? "refused" : "discarded");
    // The same content refused again is no news.
    if (payload.content !== this.#toldRefusal) this.#tellRefusal(payload, error);
    this.#toldRefusal = payload.content;
    this.#fail(error);
    if (error.retryable) this.#retryLater(this.#failures);
    this.arm();
  }

  onCompleted(isComplete: boolean): void {
    this.#stepFailures = isComplete ? 0 : this.#stepFailures + 1;
    if (!isComplete && !this.isClosed) this.#retryLater(this.#stepFailures);
    this.arm();
  }

  // As the exposure of its secrets

  get everyReveal(): ((secret: SnapshotSecret<unknown>) => void) | undefined {
    return this.context.everyReveal;
  }

  onReveal(secret: SnapshotSecret<unknown>, decoded: Decoded<unknown>): void {
    if (secret === this.current) return this.#mask().expose(decoded, "current", this.content);
    this.#mask().expose(decoded, this.#admission?.idle === undefined ? "late" : "candidate");
  }

  onExpose(content: SecretPayload, shown: unknown): void {
    this.#mask().exposeContent(content, shown);
  }

  // As a task

  /** Due: something may not be served any more, or another try. */
  run(): void {
    if (this.#retryDue <= this.#now()) this.#tryAgain();
    this.arm();
  }

  /** Tells what time has changed, and arms the moment at which to look again. */
  arm(): void {
    if (this.isClosed) return;
    this.#tellServing();
    const { scheduler, maxStaleMs } = this.context;
    const now = this.#now();
    const isAtRisk = this.current !== undefined && this.lastError !== undefined && isStaling(this.lastError);
    const staleAt = isAtRisk ? this.confirmedAt + maxStaleMs : never;
    // What has passed already was told above.
    const future = [now + this.#endsIn(), staleAt].filter((at) => at > now);
    const next = Math.min(...future, this.#retryDue);
    if (next === never) scheduler.cancel(this);
    else scheduler.schedule(this, next - now);
  }

  close(error: SecretError): void {
    this.#closed = error;
    this.cachedRead = undefined;
    this.#admission?.close(error);
    this.#completion?.close(error);
    this.context.scheduler.cancel(this);
    this.stopRefresh();
    this.#observing?.();
    this.#observing = undefined;
    this.#tell((listener) => listener.onStop?.());
    this.#listeners?.close();
    this.#masking?.retireAll();
  }

  #mustAsk(): boolean {
    if (this.isInvalidated) return true;
    // What is declared is read again by itself, and served meanwhile.
    if (this.policy.declared && this.isRefreshing) return false;
    const retryAt = this.lastError === undefined ? 0 : this.retryAt;
    return Math.max(this.source.freshUntil, retryAt) <= this.#now();
  }

  /** Another try at a candidate that was refused, at steps that have nothing, or at a source that had nothing. */
  #tryAgain(): void {
    this.#retryDue = never;
    const refused = this.#refused;
    const hasEnded = refused !== undefined && untilEndMs(refused.payload, this.context.scheduler.clock) <= 0;
    if (refused !== undefined && !hasEnded) return this.#offer(refused.payload, refused.at);
    this.#refused = undefined;
    if (this.#stepFailures > 0 && this.lastError === undefined) return this.complete();
    void this.source.read("join");
  }

  #offer(payload: Payload, at: number): void {
    let contents: readonly SecretPayload[];
    try {
      contents = this.contentsOf(payload);
    } catch (error) {
      return this.onRefused({ payload, content: payload.content, at }, error as SecretError);
    }
    const content = contents.at(-1) as SecretPayload;
    if (this.context.bans.hasContent(this.reference.name, contents)) return this.#refuseBanned(payload);
    const candidate = { payload, content, at };
    if (this.current !== undefined && this.content !== undefined && sameContent(content, this.content))
      return this.#confirm(candidate, this.current);
    this.source.settle(this, payload, "deciding");
    this.#admit().offer(candidate);
    // Most views never have a candidate in work; they need no admission between two values.
    if (this.#admission?.idle === undefined) this.#admission = undefined;
  }

  #admit(): Admission<T> {
    const { policy, context } = this;
    this.#admission ??= new Admission(this.name, this.codec, policy.accept, this, context.scheduler);
    return this.#admission;
  }

  /** The value that the application has already: at most a new version, or the return of what was deleted. */
  #confirm({ payload, content, at }: Candidate, current: SnapshotSecret<T>): void {
    const wasNotFound = this.isNotFound;
    const secret = payload === this.#payload ? current : this.#withFacts(current, payload);
    // What one store confirms says nothing about a candidate of another one.
    const candidate = this.#admission?.candidates.at(-1) ?? this.#refused;
    const isOther = candidate !== undefined && candidate.payload.provider !== payload.provider;
    if (isOther) {
      this.confirmedAt = at;
      this.#setCurrent(payload, content, secret);
      return this.source.settle(this, payload, "adopted");
    }
    this.#refused = undefined;
    this.#admission?.cancel();
    this.#takeOver(payload, content, secret, at);
    if (wasNotFound) this.#tellChange(secret, current, "recreated");
    this.complete();
  }

  /** Keeps the decoded value, and the time at which it was created: it is the same to the application. */
  #withFacts(current: SnapshotSecret<T>, payload: Payload): SnapshotSecret<T> {
    const createdAt = factsOfSecret(current)?.createdAt;
    const facts = createdAt === undefined ? payload : { ...payload, createdAt };
    return new SnapshotSecret(this.name, facts, contentOfSecret(current) as Decoded<T>, this);
  }

  #takeOver(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>, at: number): void {
    // What is refused confirms nothing, however often it is read.
    this.confirmedAt = at;
    this.#dropped = undefined;
    this.#denied = undefined;
    this.isNotFound = false;
    this.#toldRefusal = undefined;
    this.#retryDue = never;
    this.#setCurrent(payload, content, secret);
    this.#clearError();
    this.source.settle(this, payload, "adopted");
  }

  #setCurrent(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void {
    this.#payload = payload;
    this.content = content;
    if (secret === this.current) return;
    this.current = secret;
    this.cachedRead = undefined;
    this.#handed = undefined;
  }

  #clearError(): void {
    if (this.#failures > 0) {
      const failures = this.#failures;
      this.#tellEverybody(() => this.context.emit({ type: "recovered", reference: this.name, failures }));
    }
    this.lastError = undefined;
    this.#failures = 0;
  }

  #fail(error: SecretError): void {
    const named = error.reference === undefined ? withErrorContext(error, { reference: this.name }) : error;
    const isNews = this.lastError?.code !== named.code || this.lastError.reason !== named.reason;
    this.lastError = named;
    if (isDenial(named)) this.#denied = named;
    this.cachedRead = undefined;
    this.#failures += 1;
    if (isNews) this.#tellError(named);
    if (this.current === undefined && this.source.retryAt <= this.#now()) this.#retryLater(this.#failures);
  }

  #remove(at: number): void {
    const isNews = !this.isNotFound && this.current !== undefined;
    this.#admission?.cancel();
    this.#refused = undefined;
    this.isNotFound = true;
    this.#denied = undefined;
    this.confirmedAt = at;
    this.cachedRead = undefined;
    if (this.policy.optional) {
      this.#forget();
      this.#clearError();
    } else this.#miss(notFound(this.name, this.source));
    if (!isNews) return;
    this.#tellEverybody(() => this.context.emit({ type: "delete", reference: this.name }));
    this.#tell((listener) => listener.onDelete?.());
  }

  #miss(error: SecretError): void {
    const isNews = this.current === undefined && this.lastError?.code !== error.code;
    this.lastError = error;
    this.#failures += 1;
    if (isNews) this.#tellError(error);
    if (this.current === undefined) this.#retryLater(this.#failures);
  }

  #isBanned(payload: Payload): boolean {
    try {
      return this.context.bans.hasContent(this.reference.name, this.contentsOf(payload));
    } catch {
      // What the view cannot select it does not serve either.
      return false;
    }
  }

  #refuseBanned(payload: Payload): void {
    this.#refused = undefined;
    this.source.settle(this, payload, "discarded");
    this.#fail(droppedAgain(this.name));
    this.#retryLater(this.#failures);
  }

  /** Nothing of what is current may be served any more, until other content is there. */
  #withdraw(): void {
    this.#dropped = dropped(this.name);
    if (this.#payload !== undefined) this.source.settle(this, this.#payload, "discarded");
    this.#answer = undefined;
    this.#forget();
    this.#tellServing();
  }

  #forget(): void {
    this.#masking?.retire();
    this.current = undefined;
    this.content = undefined;
    this.#payload = undefined;
    this.cachedRead = undefined;
    this.#handed = undefined;
  }

  #remember(replaced: SnapshotSecret<T>): void {
    this.#replaced = [this.hashesOf(replaced), ...(this.#replaced ?? [])].slice(0, rememberedContents);
  }

  /** A source that is refreshed repeats failed reads by itself; this repeats what it calls a success. */
  #retryLater(failures: number): void {
    if (this.isRefreshing) this.#retryDue = this.#now() + backoffMs(failures, this.context.scheduler.random);
  }

  /** Milliseconds until the current value's own end. */
  #endsIn(): number {
    return this.current === undefined ? never : this.current.untilEndMs(this.context.scheduler.clock);
  }

  #mask(): Masking {
    this.#masking ??= new Masking(this.name, this.policy, this.context);
    return this.#masking;
  }

  #tellServing(): void {
    const isServing = "serve" in this.verdict();
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    if (isServing) return this.#tell((listener) => listener.onServing?.());
    this.cachedRead = undefined;
    this.#tell((listener) => listener.onStop?.());
    // What nobody watches over is read when somebody wants it; of a store that leases, that issues a credential.
    if (this.isRefreshing && this.#dropped === undefined) void this.source.read("join");
  }

  #tellChange(current: SnapshotSecret<T>, previous: SnapshotSecret<T> | undefined, reason: ChangeReason): void {
    const { version, provider } = current.meta;
    const isOver = (): boolean => this.current !== current;
    this.#tellEverybody(() => {
      this.context.emit({ type: "change", reference: this.name, version, provider, reason });
      this.#listeners?.tell((listener) => listener.onChange?.(current, previous, reason), isOver);
    });
  }

  #tellError(error: SecretError): void {
    const { code, reason } = error;
    const because = reason === undefined ? {} : { reason };
    const age = this.current === undefined ? {} : { ageMs: this.ageMs };
    this.#tellEverybody(() => this.context.emit({ type: "error", reference: this.name, code, ...because, ...age }));
    this.#tell((listener) => listener.onError?.(error));
  }

  #tellRefusal({ version, provider }: Payload, { code, reason }: SecretError): void {
    const told = { reference: this.name, version, provider, reason: reason ?? code };
    this.#tellEverybody(() => this.context.emit({ type: "refused", ...told }));
  }

  #tell(call: (listener: Listener<T>) => void): void {
    if (this.#listeners !== undefined) this.#tellEverybody(() => this.#listeners?.tell(call));
  }

  /** After everybody whom the present reading concerns has taken it. */
  #tellEverybody(call: () => void): void {
    this.context.deliveries.tell(call);
  }

  #now(): number {
    return this.context.scheduler.clock.monotonic();
  }
}

/** A denial, and the store's own word that it is gone, are no staleness: `onDenied` and `onDelete` decide about those. */
function isStaling(error: SecretError): boolean {
  return !isDenial(error) && !(error.code === "NOT_FOUND" && error.definitive === true);
}
