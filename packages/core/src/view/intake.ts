import { sameContent } from "../contract/content.ts";
import type { SecretPayload } from "../contract/contract.ts";
import type { Codec, Decoded } from "../decode/codec.ts";
import { isSecretError, type SecretError, withErrorContext } from "../error/secret-error.ts";
import type { Reference } from "../name/reference.ts";
import type { Selector } from "../name/selector.ts";
import { confirmSecret, contentOfSecret, factsOfSecret, isSameValue, SnapshotSecret } from "../secret/secret.ts";
import { untilEndMs } from "../secret/until-end.ts";
import type { Answer, Payload, PayloadSource, SourceObserver } from "../source/source.ts";
import { backoffMs } from "../time/backoff.ts";
import { Admission, type AdmissionHost, type Candidate, type CandidateExposure } from "./admission.ts";
import type { AdmissionStep } from "./admission-step.ts";
import { hashOfContent } from "./bans.ts";
import { Completion, type CompletionHost } from "./completion.ts";
import { contentsOf, hashesOf, isBannedPayload, isBannedSecret } from "./contents.ts";
import type { Listeners } from "./listeners.ts";
import type { Masking } from "./masking.ts";
import { tellChange, tellDelete, tellError, tellEvent, tellListeners, tellRefusal } from "./news.ts";
import { RecentValues } from "./recent-values.ts";
import type { Verdict } from "./verdict.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";
import { dropped, droppedAgain, isDenial, notFound } from "./view-problem.ts";

/** The view whose state follows the answers of its source. */
export interface IntakeHost<T> extends CandidateExposure {
  readonly name: string;
  readonly reference: Reference;
  readonly codec: Codec<T>;
  readonly policy: ViewPolicy<T>;
  readonly source: PayloadSource;
  readonly selectors: readonly Selector[];
  readonly context: ViewContext;
  readonly steps: ReadonlySet<AdmissionStep<T>>;
  readonly ownListeners: Listeners<T> | undefined;
  readonly masking: Masking | undefined;
  readonly isClosed: boolean;
  readonly isRefreshing: boolean;
  readonly ageMs: number;
  readonly current: SnapshotSecret<T> | undefined;
  readonly content: SecretPayload | undefined;
  readonly payload: Payload | undefined;
  confirmedAt: number;
  lastError: SecretError | undefined;
  readonly isNotFound: boolean;
  notFoundBy: SecretError | undefined;
  droppedBy: SecretError | undefined;
  deniedBy: SecretError | undefined;
  cachedRead: unknown;
  verdict(): Verdict<T>;
  hold(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void;
  forget(): void;
  forgetLoad(): void;
  readOther(): void;
  tellServing(): void;
  arm(): void;
  now(): number;
}

/** Handles the answers of a view's source: which values it adopts, which it refuses, and when to ask again. */
export class Intake<T> implements AdmissionHost<T>, CompletionHost<T>, SourceObserver {
  /** Monotonic time of the next attempt after an answer that is a success for the source only. */
  retryDue: number | undefined;
  /** The stamp of the read of the last answer. */
  answered = 0;
  readonly #view: IntakeHost<T>;
  #answer: Answer | undefined;
  #hasServed = false;
  #admission: Admission<T> | undefined;
  #completion: Completion<T> | undefined;
  /** A refused candidate that is offered to `accept` again later. */
  #refused: Candidate | undefined;
  #toldRefusal: SecretPayload | undefined;
  #failures = 0;
  #stepFailures = 0;
  /** Made when a value is replaced or refused. */
  recent: RecentValues | undefined;

  constructor(view: IntakeHost<T>) {
    this.#view = view;
  }

  /** Settles when no candidate is in progress; undefined if none is. */
  get idle(): Promise<void> | undefined {
    return this.#admission?.idle;
  }

  /** Settles when no step prepares for the current value; undefined when none does. */
  get completing(): Promise<void> | undefined {
    return this.#completion?.running;
  }

  get current(): SnapshotSecret<T> | undefined {
    return this.#view.current;
  }

  get steps(): ReadonlySet<AdmissionStep<T>> {
    return this.#view.steps;
  }

  get exposure(): CandidateExposure {
    return this.#view;
  }

  /** Prepares every step that lacks the current value. */
  complete(isNewer = false): void {
    const { current } = this.#view;
    if (current === undefined || "error" in this.#view.verdict()) return;
    if (![...this.#view.steps].some((step) => step.needs(current))) return;
    this.#completion ??= new Completion(this.#view.name, this, this.#view.context.scheduler);
    this.#completion.complete(current, isNewer);
  }

  /** Returns the hashes of the current value, the candidates and the values that were replaced recently. */
  heldHashes(): readonly string[] {
    const candidates = [
      ...(this.#admission?.candidates ?? []),
      ...(this.#refused === undefined ? [] : [this.#refused]),
    ];
    const held = this.#view.current === undefined ? [] : hashesOf(this.#view, this.#view.current);
    return [...held, ...candidates.map(({ content }) => hashOfContent(content)), ...(this.recent?.replaced ?? [])];
  }

  /** Drops banned values: current, candidates and in pending notifications. Returns whether the current value was banned. */
  applyBans(): boolean {
    this.#view.forgetLoad();
    const isBanned = (one: Candidate): boolean => isBannedPayload(this.#view, one.payload);
    if (this.#admission?.candidates.some(isBanned) === true) this.#admission.cancel();
    if (this.#refused !== undefined && isBanned(this.#refused)) this.#refused = undefined;
    const isDropped = (secret: SnapshotSecret<T>): boolean => isBannedSecret(this.#view, secret);
    const isHeld = this.#view.current !== undefined && isDropped(this.#view.current);
    if (isHeld) this.#withdraw();
    tellListeners(this.#view, (listener) => listener.onDrop?.(isDropped));
    return isHeld;
  }

  close(error: SecretError): void {
    this.#admission?.close(error);
    this.#completion?.close(error);
  }

  onAnswer(answer: Answer): void {
    if (this.#view.isClosed || answer === this.#answer) return;
    // Changes caused by the passage of time are reported before those of the answer.
    this.#view.tellServing();
    this.#answer = answer;
    this.answered = Math.max(this.answered, answer.began);
    const { outcome, at } = answer;
    if (outcome.kind === "failed") this.#fail(outcome.error);
    else if (outcome.kind === "notFound") this.#remove(at);
    else this.#offer(outcome, at);
    this.#view.arm();
  }

  onExtended(payload: Payload): void {
    if (this.#view.isClosed) return;
    this.#admission?.extend(payload);
    if (this.#refused?.payload.content === payload.content) this.#refused = { ...this.#refused, payload };
    if (this.#view.payload?.content === payload.content && this.#view.current !== undefined) {
      const extended = this.#withFacts(this.#view.current, payload);
      confirmSecret(extended, this.#view.context.scheduler.clock.now());
      this.#view.hold(payload, this.#view.content as SecretPayload, extended);
      if (this.#view.lastError !== undefined && !isSecretError(this.#view.lastError, "INVALID_VALUE", "REFUSED"))
        this.#clearError();
      this.#view.confirmedAt = this.#view.now();
    }
    this.#view.arm();
  }

  onWithdrawn(content: SecretPayload): void {
    if (this.#view.isClosed) return;
    if (this.#refused?.payload.content === content) this.#refused = undefined;
    if (this.#admission?.candidates.some(({ payload }) => payload.content === content) === true)
      this.#admission.cancel();
    if (this.#view.payload?.content !== content) return;
    const { version } = this.#view.payload;
    this.#withdraw();
    tellEvent(this.#view, { type: "drop", reference: this.#view.name, version });
    const isDropped = (secret: SnapshotSecret<T>): boolean => (factsOfSecret(secret) as Payload).content === content;
    tellListeners(this.#view, (listener) => listener.onDrop?.(isDropped));
    if (this.#view.isRefreshing) this.#view.readOther();
  }

  isCurrent(decoded: Decoded<T>): boolean {
    if (this.#view.current === undefined || this.#view.droppedBy !== undefined) return false;
    return isSameValue(contentOfSecret(this.#view.current) as Decoded<unknown>, decoded);
  }

  isBannedValue(decoded: Decoded<T>): boolean {
    return this.#view.context.bans.hasValue(this.#view.reference.name, decoded);
  }

  onBanned({ payload }: Candidate): void {
    if (this.#view.isClosed) return;
    this.#view.masking?.retireCandidate();
    this.#refuseBanned(payload);
    this.#view.arm();
  }

  onConfirmed(candidate: Candidate): void {
    if (this.#view.isClosed) return;
    this.#view.masking?.retireCandidate();
    if (this.#view.current !== undefined) this.#confirm(candidate, this.#view.current);
    this.#view.arm();
  }

  onAdmitted({ payload, content, at }: Candidate, secret: SnapshotSecret<T>): void {
    // A schema is code of the application, which may have closed the client or dropped the value.
    if (this.#view.isClosed || isBannedPayload(this.#view, payload)) return;
    const previous = this.#view.current;
    const isLeased = payload.lease !== undefined && this.#view.payload?.lease !== undefined;
    const reason = !this.#hasServed ? "initial" : this.#view.isNotFound ? "recreated" : isLeased ? "lease" : "rotated";
    const hasAppeared = this.#view.isNotFound && this.#view.policy.optional;
    this.recent?.accept(content);
    if (previous !== undefined) this.#remember().replace(hashesOf(this.#view, previous));
    this.#view.masking?.retire();
    this.#takeOver(payload, content, secret, at);
    this.#hasServed = true;
    this.#refused = undefined;
    tellChange(this.#view, secret, previous, reason, hasAppeared);
    this.#view.arm();
    this.complete(true);
  }

  onRefused(candidate: Candidate, refusal: SecretError): void {
    if (this.#view.isClosed) return;
    const { payload } = candidate;
    const error = refusal.provider === undefined ? withErrorContext(refusal, { provider: payload.provider }) : refusal;
    this.#view.masking?.retireCandidate();
    // The reason for which no store answers is more important to the caller.
    if (payload.snapshot === true) return tellRefusal(this.#view, payload, error);
    this.#remember().refuse(candidate.content);
    // Only a value that may be accepted later is offered again; otherwise a new answer of the store is needed.
    this.#refused = error.retryable ? candidate : undefined;
    this.#view.source.settle(this, payload, error.retryable ? "refused" : "discarded");
    // A repeated refusal of the same content is not reported again.
    if (payload.content !== this.#toldRefusal) tellRefusal(this.#view, payload, error);
    this.#toldRefusal = payload.content;
    this.#fail(error);
    if (error.retryable) this.#retryLater(this.#failures);
    this.#view.arm();
  }

  onCompleted(isComplete: boolean): void {
    this.#stepFailures = isComplete ? 0 : this.#stepFailures + 1;
    if (!isComplete && !this.#view.isClosed) this.#retryLater(this.#stepFailures);
    this.#view.arm();
  }

  /** Tries again: a refused candidate, the preparation of steps, or a read. */
  tryAgain(): void {
    this.retryDue = undefined;
    const refused = this.#refused;
    const hasEnded = refused !== undefined && untilEndMs(refused.payload, this.#view.context.scheduler.clock) <= 0;
    if (refused !== undefined && !hasEnded) return this.#offer(refused.payload, refused.at);
    this.#refused = undefined;
    if (this.#stepFailures > 0 && this.#view.lastError === undefined) return this.complete();
    void this.#view.source.read("join");
  }

  #offer(payload: Payload, at: number): void {
    let contents: readonly SecretPayload[];
    try {
      contents = contentsOf(this.#view, payload);
    } catch (error) {
      return this.onRefused({ payload, content: payload.content, at }, error as SecretError);
    }
    const content = contents.at(-1) as SecretPayload;
    if (this.#view.context.bans.hasContent(this.#view.reference.name, contents)) return this.#refuseBanned(payload);
    const candidate = { payload, content, at };
    const { current, content: held } = this.#view;
    if (current !== undefined && held !== undefined && sameContent(content, held))
      return this.#confirm(candidate, current);
    this.#view.source.settle(this, payload, "deciding");
    this.#admit().offer(candidate);
    // An admission exists only while it has a candidate, because most views have none most of the time.
    if (this.#admission?.idle === undefined) this.#admission = undefined;
  }

  #admit(): Admission<T> {
    const { name, codec, policy, context } = this.#view;
    this.#admission ??= new Admission(name, codec, policy.accept, this, context.scheduler);
    return this.#admission;
  }

  /** Handles a reading with the current value: at most its version is new, or the secret was deleted and has returned. */
  #confirm({ payload, content, at }: Candidate, current: SnapshotSecret<T>): void {
    const wasNotFound = this.#view.isNotFound;
    const isSameReading = payload === this.#view.payload;
    const secret = isSameReading ? current : this.#withFacts(current, payload);
    if (isSameReading) confirmSecret(current, this.#view.context.scheduler.clock.now());
    // A confirmation by one store does not concern a candidate from another one.
    const candidate = this.#admission?.candidates.at(-1) ?? this.#refused;
    const isOther = candidate !== undefined && candidate.payload.provider !== payload.provider;
    if (isOther) {
      this.#view.confirmedAt = at;
      this.#view.hold(payload, content, secret);
      return this.#view.source.settle(this, payload, "adopted");
    }
    this.#refused = undefined;
    this.#admission?.cancel();
    this.#takeOver(payload, content, secret, at);
    if (wasNotFound) tellChange(this.#view, secret, current, "recreated");
    this.complete();
  }

  /** Returns the decoded value with new metadata, but its own creation time: for the application it is unchanged. */
  #withFacts(current: SnapshotSecret<T>, payload: Payload): SnapshotSecret<T> {
    const createdAt = factsOfSecret(current)?.createdAt;
    const facts = createdAt === undefined ? payload : { ...payload, createdAt };
    return new SnapshotSecret(this.#view.name, facts, contentOfSecret(current) as Decoded<T>, this.#view);
  }

  #takeOver(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>, at: number): void {
    // Only adopted values count as confirmed, not refused ones.
    this.#view.confirmedAt = at;
    this.#view.droppedBy = undefined;
    this.#view.deniedBy = undefined;
    this.#view.notFoundBy = undefined;
    this.#toldRefusal = undefined;
    this.retryDue = undefined;
    this.#view.hold(payload, content, secret);
    if (payload.snapshot !== true) this.#clearError();
    this.#view.source.settle(this, payload, "adopted");
  }

  #clearError(): void {
    const failures = this.#failures;
    if (failures > 0) tellEvent(this.#view, { type: "recovered", reference: this.#view.name, failures });
    this.#view.lastError = undefined;
    this.#failures = 0;
  }

  #fail(error: SecretError): void {
    const named = error.reference === undefined ? withErrorContext(error, { reference: this.#view.name }) : error;
    const isNews = this.#view.lastError?.code !== named.code || this.#view.lastError.reason !== named.reason;
    this.#view.lastError = named;
    if (isDenial(named)) this.#view.deniedBy = named;
    this.#view.cachedRead = undefined;
    this.#failures += 1;
    if (isNews) tellError(this.#view, named);
    if (this.#view.current === undefined && this.#view.source.retryAt <= this.#view.now())
      this.#retryLater(this.#failures);
  }

  #remove(at: number): void {
    const isNews = !this.#view.isNotFound && this.#view.current !== undefined;
    this.#admission?.cancel();
    this.#refused = undefined;
    this.#view.notFoundBy ??= notFound(this.#view);
    this.#view.deniedBy = undefined;
    this.#view.confirmedAt = at;
    this.#view.cachedRead = undefined;
    if (this.#view.policy.optional) {
      this.#view.forget();
      this.#clearError();
    } else this.#miss(this.#view.notFoundBy);
    if (!isNews) return;
    tellDelete(this.#view);
  }

  #miss(error: SecretError): void {
    const isNews = this.#view.current === undefined && this.#view.lastError?.code !== error.code;
    this.#view.lastError = error;
    this.#failures += 1;
    if (isNews) tellError(this.#view, error);
    if (this.#view.current === undefined) this.#retryLater(this.#failures);
  }

  #refuseBanned(payload: Payload): void {
    this.#refused = undefined;
    this.#view.source.settle(this, payload, "discarded");
    this.#fail(droppedAgain(this.#view.name));
    this.#retryLater(this.#failures);
  }

  /** Stops serving the current value until other content arrives. */
  #withdraw(): void {
    this.#view.droppedBy = dropped(this.#view.name);
    if (this.#view.payload !== undefined) this.#view.source.settle(this, this.#view.payload, "discarded");
    this.#answer = undefined;
    this.#view.forget();
    this.#view.tellServing();
  }

  #remember(): RecentValues {
    this.recent ??= new RecentValues();
    return this.recent;
  }

  /** Schedules another attempt. A refreshed source repeats failed reads itself, but not reads that it considers successful. */
  #retryLater(failures: number): void {
    if (this.#view.isRefreshing)
      this.retryDue = this.#view.now() + backoffMs(failures, this.#view.context.scheduler.random);
  }
}
