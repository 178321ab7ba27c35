import type { SecretPayload } from "../contract/contract.ts";
import type { Codec, Decoded } from "../decode/codec.ts";
import { type SecretError, withErrorContext } from "../error/secret-error.ts";
import type { Reference } from "../name/reference.ts";
import { type Selector, select } from "../name/selector.ts";
import { sameContent } from "../secret/content.ts";
import { contentOfSecret, SnapshotSecret } from "../secret/secret.ts";
import type { Outcome, Payload, PayloadSource } from "../source/source.ts";
import { backoffMs } from "../time/backoff.ts";
import { Admission, type AdmissionHost, type Candidate } from "./admission.ts";
import { Holding } from "./holding.ts";
import { isDenial, never } from "./lapse.ts";
import { reportChange, reportFailure, reportRefusal } from "./view-events.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";
import { droppedAgain, notFound } from "./view-problem.ts";

/** Where a view reads, and what it selects there. */
export interface RoutedSource {
  readonly source: PayloadSource;
  readonly selectors: readonly Selector[];
}

/** What a view makes of its source's answers: which become adopted, which are refused, and when to ask again. */
export abstract class Adopting<T> extends Holding<T> implements AdmissionHost<T> {
  /** Monotonic time at which the store last confirmed what is held. */
  goodAt = 0;
  readonly reference: Reference;
  readonly codec: Codec<T>;
  readonly source: PayloadSource;
  readonly #selectors: readonly Selector[];
  protected admission: Admission<T> | undefined;
  /** Monotonic time of the next try at what the source calls a success. */
  protected retryDue: number = never;
  /** The outcome that was processed last. */
  protected lastSeen: Outcome | undefined;
  #refused: Payload | undefined;
  #toldRefusal: Payload | undefined;
  #failures = 0;

  constructor(
    reference: Reference,
    codec: Codec<T>,
    policy: ViewPolicy<T>,
    routed: RoutedSource,
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

  /** Milliseconds since the store last confirmed what is held. */
  get ageMs(): number {
    return this.adopted === undefined ? 0 : this.now() - this.goodAt;
  }

  /** Whether its source is kept fresh for it. */
  abstract get isKept(): boolean;

  /** Decides what time forbids now, and when to look again. */
  abstract arm(): void;

  /** Processes what a read answered, unless that has arrived through `keep` already. */
  see(outcome: Outcome): void {
    if (outcome !== this.lastSeen) this.process(outcome);
  }

  /** The one way in for what a source says. */
  process(outcome: Outcome): void {
    if (this.isClosed) return;
    this.lastSeen = outcome;
    if (outcome.kind === "failed") this.#fail(outcome.error);
    else if (outcome.kind === "absent") this.#remove();
    else this.#offer(outcome);
    this.arm();
  }

  onAdmitted({ payload, content }: Candidate, secret: SnapshotSecret<T>): void {
    // A schema is code of the application: it may have closed the client.
    if (this.isClosed) return;
    const previous = this.adopted;
    const isLoan = payload.lease !== undefined && this.payload?.lease !== undefined;
    const reason = !this.hasServed ? "initial" : this.absent ? "recreated" : isLoan ? "lease" : "rotated";
    this.retireMasks();
    this.#adopt(payload, content, secret);
    reportChange(this, secret, previous, reason);
  }

  onRefused({ payload }: Candidate, error: SecretError): void {
    if (this.isClosed) return;
    // Only what may be accepted later is offered again; for anything else the store must answer something new.
    this.#refused = error.retryable ? payload : undefined;
    // The same reading refused again is no news.
    if (payload !== this.#toldRefusal) reportRefusal(this, payload, error);
    this.#toldRefusal = payload;
    this.#fail(error);
    if (error.retryable) this.#retryLater();
    this.arm();
  }

  /** @throws {SecretError} INVALID_VALUE when what is selected is not there */
  selectFrom(payload: Payload): SecretPayload {
    const context = { reference: this.name, provider: payload.provider };
    return this.#selectors.reduce((whole, selector) => select(whole, selector, context), payload.content);
  }

  /** Another try at a candidate that was refused, or at a source that had nothing. */
  protected tryAgain(): void {
    this.retryDue = never;
    if (this.#refused !== undefined) this.#offer(this.#refused);
    else this.readAgain();
  }

  protected readAgain(): void {
    void this.source.read("join").then((outcome) => this.see(outcome));
  }

  #offer(payload: Payload): void {
    let content: SecretPayload;
    try {
      content = this.selectFrom(payload);
    } catch (error) {
      return this.onRefused({ payload, content: payload.content }, error as SecretError);
    }
    if (this.isDropped(content)) return this.#refuseDropped();
    if (this.content === undefined || this.adopted === undefined || !sameContent(content, this.content)) {
      this.admission ??= new Admission(this.name, this.codec, this.policy.accept, this, this.context.scheduler);
      this.admission.offer({ payload, content });
      // Most views never have a candidate in work; they need no admission between two values.
      if (this.admission.idle === undefined) this.admission = undefined;
    } else this.#confirm(payload, this.content, this.adopted);
  }

  /** The same content as before: at most a new version, or the return of what was deleted. */
  #confirm(payload: Payload, content: SecretPayload, adopted: SnapshotSecret<T>): void {
    const wasAbsent = this.absent;
    const isSame = payload === this.payload;
    const decoded = contentOfSecret(adopted) as Decoded<T>;
    const secret = isSame ? adopted : new SnapshotSecret(this.name, payload, decoded, this);
    this.admission?.cancel();
    this.#adopt(payload, content, secret);
    if (wasAbsent) reportChange(this, secret, adopted, "recreated");
  }

  #adopt(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void {
    if (this.#failures > 0) this.context.emit({ type: "recovered", reference: this.name, failures: this.#failures });
    // What is refused confirms nothing, however often it is read.
    this.goodAt = this.now();
    this.hold(payload, content, secret);
    this.hasServed = true;
    this.#toldRefusal = undefined;
    this.#refused = undefined;
    this.retryDue = never;
    this.#failures = 0;
    this.arm();
  }

  #refuseDropped(): void {
    this.#refused = undefined;
    this.#fail(droppedAgain(this.name));
    this.#retryLater();
  }

  #fail(error: SecretError): void {
    const named = error.reference === undefined ? withErrorContext(error, { reference: this.name }) : error;
    const isNews = this.problem?.code !== named.code || this.problem.reason !== named.reason;
    this.problem = named;
    this.#failures += 1;
    if (isNews) reportFailure(this, named);
    if (this.adopted === undefined && this.source.retryAt <= this.now()) this.#retryLater();
    if (isDenial(named) && this.context.onDenied === "throw") this.stop(named);
    else if (!this.policy.declared) this.kept = undefined;
  }

  #remove(): void {
    this.goodAt = this.now();
    this.admission?.cancel();
    const isNews = !this.absent && this.adopted !== undefined;
    this.absent = true;
    this.#refused = undefined;
    if (this.policy.optional) {
      this.holdNothing();
      this.#failures = 0;
    } else this.#miss(notFound(this.name, this.source));
    if (!isNews) return;
    this.context.emit({ type: "deleted", reference: this.name });
    this.tell((audience) => audience.deleted());
  }

  #miss(error: SecretError): void {
    const isNews = this.adopted === undefined && this.problem?.code !== error.code;
    this.problem = error;
    this.#failures += 1;
    if (!this.policy.declared) this.kept = undefined;
    if (isNews) reportFailure(this, error);
    if (this.adopted === undefined) this.#retryLater();
    else if (this.policy.onDelete === "clear") this.stop(error);
  }

  /** A source that is kept repeats failed reads by itself; this repeats what it calls a success. */
  #retryLater(): void {
    if (this.isKept) this.retryDue = this.now() + backoffMs(this.#failures, this.context.scheduler.random);
  }

  protected now(): number {
    return this.context.scheduler.clock.monotonic();
  }
}
