import type { SecretPayload } from "../contract/contract.ts";
import type { Codec, Decoded } from "../decode/codec.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Reference } from "../name/reference.ts";
import type { Selector } from "../name/selector.ts";
import type { Exposure, Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Answer, Payload, PayloadSource } from "../source/source.ts";
import type { Task } from "../time/scheduler.ts";
import type { AdmissionStep } from "./admission-step.ts";
import { Intake, type IntakeHost } from "./intake.ts";
import { Listeners } from "./listeners.ts";
import { load } from "./load.ts";
import { Masking } from "./masking.ts";
import { tellExpiry, tellListeners } from "./news.ts";
import { Renewal } from "./renewal.ts";
import { restore } from "./restore.ts";
import { isStaling, type Judged, type Verdict, verdictOf } from "./verdict.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";

/** The source of a view, and the selectors for its content. */
export interface RoutedSource {
  readonly source: PayloadSource;
  readonly selectors: readonly Selector[];
}

const never = Number.POSITIVE_INFINITY;
const noSteps: ReadonlySet<never> = new Set();

/**
 * One reference with one decoder: the unit that adopts values. Only `verdict` decides which value may be served; timers only
 * report changes.
 */
export class View<T> implements IntakeHost<T>, Judged<T>, Exposure, Task {
  dueAt = 0;
  slot = -1;
  /** Whether it was read since the last sweep. */
  touched = true;
  /** The number of watches, derived resources and reads that use it. */
  pins = 0;
  readonly reference: Reference;
  readonly codec: Codec<T>;
  readonly policy: ViewPolicy<T>;
  readonly source: PayloadSource;
  readonly context: ViewContext;
  /**
   * The promise that readers get without a verdict; defined only while the current value is refreshed and has neither an expiry
   * nor an error.
   */
  cachedRead: Promise<Secret<T> | undefined> | undefined;
  current: SnapshotSecret<T> | undefined;
  payload: Payload | undefined;
  /** The content that the reference selects in the current payload. */
  content: SecretPayload | undefined;
  masking: Masking | undefined;
  /** Monotonic time of the last answer of the store that confirmed the current value. */
  confirmedAt = 0;
  /** The present error, whether or not it prevents serving. */
  lastError: SecretError | undefined;
  notFoundBy: SecretError | undefined;
  closedBy: SecretError | undefined;
  droppedBy: SecretError | undefined;
  deniedBy: SecretError | undefined;
  /** Created when the first listener is added. */
  ownListeners: Listeners<T> | undefined;
  readonly selectors: readonly Selector[];
  readonly #intake: Intake<T> = new Intake(this);
  /** The stamp of the last `invalidate`. */
  #invalidated = 0;
  /** The state that was last reported to the listeners. */
  #isServing = false;
  #handed: Promise<Secret<T> | undefined> | undefined;
  #loading: Promise<Secret<T> | undefined> | undefined;
  /** Created at the first read with a limited age. */
  #renewal: Renewal<T> | undefined;
  /** Whether this view has its source refreshed. */
  isRefreshing = false;
  #isObserving = false;

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
    this.selectors = selectors;
  }

  get name(): string {
    return this.reference.text;
  }

  get isClosed(): boolean {
    return this.closedBy !== undefined;
  }

  /** Whether the store reports definitively that the secret does not exist. */
  get isNotFound(): boolean {
    return this.notFoundBy !== undefined;
  }

  get isDropped(): boolean {
    return this.droppedBy !== undefined;
  }

  /** Milliseconds since the store last confirmed the current value. */
  get ageMs(): number {
    return this.current === undefined ? 0 : this.now() - this.confirmedAt;
  }

  /** Settles when no candidate is in progress; undefined if none is. */
  get idle(): Promise<void> | undefined {
    return this.#intake.idle;
  }

  /** Settles when no step prepares for the current value; undefined when none does. */
  get completing(): Promise<void> | undefined {
    return this.#intake.completing;
  }

  /** Monotonic time before which asking again is pointless. */
  get retryAt(): number {
    return Math.max(this.source.retryAt, this.#intake.retryDue ?? 0);
  }

  get listeners(): Listeners<T> {
    this.ownListeners ??= new Listeners(this.name, this.context.emit);
    return this.ownListeners;
  }

  get steps(): ReadonlySet<AdmissionStep<T>> {
    return this.ownListeners?.steps ?? noSteps;
  }

  /** Whether a declared value remains readable in output despite its mask. */
  get isUnmasked(): boolean {
    return this.masking?.unmasked === true;
  }

  /** Returns the value that may be served now; every entry point uses it. */
  verdict(): Verdict<T> {
    return verdictOf(this);
  }

  /** Whether the store must be asked before the held value is served. */
  get mustAsk(): boolean {
    if (this.isInvalidated) return true;
    // A declared secret is refreshed in the background, and served meanwhile.
    if (this.policy.declared && this.isRefreshing) return false;
    const retryAt = this.lastError === undefined ? 0 : this.retryAt;
    return Math.max(this.source.freshUntil, retryAt) <= this.now();
  }

  /**
   * Returns the held value without waiting.
   * @throws {SecretError} the error of the verdict
   */
  latest(): Secret<T> | undefined {
    const verdict = this.verdict();
    if ("error" in verdict) throw verdict.error;
    // The next reader then needs no verdict, if this one is simple.
    if (!verdict.ask) void this.hand(verdict.serve);
    return verdict.serve;
  }

  /** Returns the value for readers without options; all waiting readers share one load. */
  read(): Promise<Secret<T> | undefined> {
    this.touched = true;
    if (this.cachedRead !== undefined) return this.cachedRead;
    const verdict = this.verdict();
    if ("serve" in verdict && !verdict.ask) {
      // A lease that is not refreshed is renewed as long as it is read.
      if (this.payload?.lease !== undefined) void this.source.read("cached");
      return this.hand(verdict.serve);
    }
    if (this.#loading !== undefined) return this.#loading;
    const loading = load(this, this.isInvalidated ? "replace" : "cached").finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
    return loading;
  }

  /** Returns the value for readers with a limited age. */
  get renewal(): Renewal<T> {
    this.touched = true;
    this.#renewal ??= new Renewal(this);
    return this.#renewal;
  }

  /** Returns the promise that readers share. */
  hand(secret: Secret<T> | undefined): Promise<Secret<T> | undefined> {
    this.#handed ??= Promise.resolve(secret);
    // A value that may become stale needs a verdict at each read, because timers do not run while a machine is suspended.
    const mayStale = this.lastError !== undefined && this.context.maxStaleMs !== never;
    const isPlain = this.isRefreshing && !mayStale && !this.isInvalidated && this.#endsIn() === never;
    if (isPlain && this.droppedBy === undefined && this.source.freshUntil === never) this.cachedRead = this.#handed;
    return this.#handed;
  }

  /** Whether no answer to the last `invalidate` has come yet. */
  get isInvalidated(): boolean {
    return this.#invalidated > this.#intake.answered;
  }

  /** Observes the source. */
  observe(): void {
    if (this.isClosed || this.#isObserving) return;
    this.#isObserving = true;
    this.source.observe(this.#intake);
  }

  /** Starts refreshing the source. */
  startRefresh(): void {
    if (this.isClosed || this.isRefreshing) return;
    this.observe();
    this.isRefreshing = true;
    this.source.startRefresh();
  }

  stopRefresh(): void {
    this.cachedRead = undefined;
    if (this.isRefreshing) this.source.stopRefresh();
    this.isRefreshing = false;
  }

  /** Removes one use. After the last use of an undeclared reference, a refresh that needs a connection stops. */
  unpin(): void {
    this.pins -= 1;
    if (this.pins === 0 && !this.policy.declared && !this.source.isLocal) this.stopRefresh();
  }

  /** Makes the next read ask the store; if that fails, the current value is served. */
  invalidate(): void {
    this.#invalidated = this.context.scheduler.stamp();
    this.cachedRead = undefined;
    this.#loading = undefined;
  }

  /** Prepares every step that lacks the current value. */
  complete(): void {
    this.#intake.complete();
  }

  restore(): Promise<void> {
    return restore(this);
  }

  /** Processes an answer that does not come from a read. */
  take(answer: Answer): void {
    this.#intake.onAnswer(answer);
  }

  /** Returns the hashes of the current value, the candidates and the values that were replaced recently. */
  heldHashes(): readonly string[] {
    return this.#intake.heldHashes();
  }

  /** Whether this content was refused lately, and not accepted after that. */
  hasRefused(content: SecretPayload): boolean {
    return this.#intake.recent?.hasRefused(content) === true;
  }

  /**
   * Drops newly banned values: the current one, candidates, and values in pending notifications. Returns whether the current
   * value was banned.
   */
  applyBans(): boolean {
    return this.#intake.applyBans();
  }

  /** Makes the next reader begin another load. */
  forgetLoad(): void {
    this.#loading = undefined;
  }

  /** Reads until there is a value other than the dropped one. */
  readOther(): void {
    void this.source.read("replace");
  }

  get everyReveal(): ((secret: SnapshotSecret<unknown>) => void) | undefined {
    return this.context.everyReveal;
  }

  onReveal(secret: SnapshotSecret<unknown>, decoded: Decoded<unknown>): void {
    if (secret === this.current) return this.#mask().expose(decoded, "current", this.content);
    this.#mask().expose(decoded, this.#intake.idle === undefined ? "late" : "candidate");
  }

  onExpose(content: SecretPayload, shown: unknown): void {
    this.#mask().exposeContent(content, shown);
  }

  /** Masks a text of the application's code about a value. Default: the current value. */
  words(text: string, content: SecretPayload | undefined = this.content): string | undefined {
    return content === undefined ? undefined : this.#mask().words(text, content);
  }

  /** Checks whether the value may still be served, or makes the next attempt. */
  run(): void {
    if ((this.#intake.retryDue ?? never) <= this.now()) this.#intake.tryAgain();
    this.arm();
  }

  /** Reports changes caused by the passage of time, and schedules the next check. */
  arm(): void {
    if (this.isClosed) return;
    this.tellServing();
    const { scheduler, maxStaleMs } = this.context;
    const now = this.now();
    const isAtRisk = this.current !== undefined && this.lastError !== undefined && isStaling(this.lastError);
    const staleAt = isAtRisk ? this.confirmedAt + maxStaleMs : never;
    // Times in the past were reported above.
    const future = [now + this.#endsIn(), staleAt].filter((at) => at > now);
    const next = Math.min(...future, this.#intake.retryDue ?? never);
    if (next === never) scheduler.cancel(this);
    else scheduler.schedule(this, next - now);
  }

  close(error: SecretError): void {
    this.closedBy = error;
    this.cachedRead = undefined;
    this.#intake.close(error);
    this.context.scheduler.cancel(this);
    this.stopRefresh();
    if (this.#isObserving) this.source.unobserve(this.#intake);
    tellListeners(this, (listener) => listener.onStop?.());
    this.ownListeners?.close();
    this.masking?.retireAll();
  }

  hold(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void {
    if (payload !== this.payload && payload.snapshot !== true) this.context.snapshot?.onChange();
    this.payload = payload;
    this.content = content;
    if (secret === this.current) return;
    this.current = secret;
    this.cachedRead = undefined;
    this.#handed = undefined;
  }

  forget(): void {
    if (this.payload !== undefined) this.context.snapshot?.onChange();
    this.masking?.retire();
    this.current = undefined;
    this.content = undefined;
    this.payload = undefined;
    this.cachedRead = undefined;
    this.#handed = undefined;
  }

  /** Returns the milliseconds until the current value expires. */
  #endsIn(): number {
    return this.current === undefined ? never : this.current.untilEndMs(this.context.scheduler.clock);
  }

  #mask(): Masking {
    this.masking ??= new Masking(this.name, this.policy, this.context);
    return this.masking;
  }

  tellServing(): void {
    const verdict = this.verdict();
    const isServing = "serve" in verdict;
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    if (isServing) return tellListeners(this, (listener) => listener.onServing?.());
    this.cachedRead = undefined;
    tellExpiry(this, verdict.error);
    tellListeners(this, (listener) => listener.onStop?.());
    // Without a refresh, the secret is read at the next request; reading it now would issue a credential if its store leases.
    if (this.isRefreshing && this.droppedBy === undefined) void this.source.read("join");
  }

  now(): number {
    return this.context.scheduler.clock.monotonic();
  }
}
