import type { SecretPayload } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { LeaseVerdict } from "../lease/lease.ts";
import type { SecretFacts } from "../secret/secret.ts";
import type { FlightMode } from "../time/single-flight.ts";

/** One reading of one version. Its identity is significant: a store that answers `not-modified` yields the same object again. */
export interface Payload extends SecretFacts {
  readonly kind: "ok";
  readonly content: SecretPayload;
  /** The time at which the store expects to have a new value. */
  readonly refreshAt?: Date;
}

/** `notFound` is definitive; everything else that is not a payload is a failure. */
export type Outcome =
  | Payload
  | { readonly kind: "notFound" }
  | { readonly kind: "failed"; readonly error: SecretError };

/** The outcome of one read, and its times. */
export interface Answer {
  readonly outcome: Outcome;
  /** The scheduler's stamp of the moment at which the read began. */
  readonly began: number;
  /** Monotonic time of the answer. */
  readonly at: number;
}

/**
 * How fresh an answer must be. `cached` takes the current answer while it is fresh. `join` shares a read in flight. `after`
 * demands a read that begins later than this call, and `hinted` demands the same because of a store's hint. Only `replace`
 * makes the store issue a new credential although the current one is valid, at most once in 10 s; otherwise it is `after`.
 */
export type ReadMode = FlightMode;

/** A listener of a source. Its exceptions are reported and do not affect others. */
export interface SourceObserver {
  /** Called once for each answer. */
  onAnswer(answer: Answer): void;
  /** Called when the lease of a value was renewed: the same content with a later end. */
  onExtended(payload: Payload): void;
  /** Called when the credential with this content is revoked at the store. */
  onWithdrawn(content: SecretPayload): void;
}

/** The decision of an observer about a payload. */
export type Settlement = LeaseVerdict;

/** One path of one provider: the identity of a secret for an operator. */
export interface StorePath {
  readonly provider: {
    readonly name: string;
    open(): Promise<unknown>;
    placeOf(path: string, fields: readonly string[] | undefined): string;
  };
  readonly path: string;
  /** How often it is polled, in milliseconds; Infinity for a lease, which is renewed instead. */
  readonly pollMs: number;
  /** Reads after an external report of a change, at most once a second. */
  hint(): void;
  /** Ends leased credentials at the store: the one with this content, or all. Never rejects. */
  withdraw(content?: SecretPayload): Promise<void>;
}

/**
 * The origin of a view's values: one path of a store, several paths composed, or a chain of fallbacks. The layers above do not
 * depend on the kind.
 */
export interface PayloadSource {
  readonly answer: Answer | undefined;
  /** Monotonic time before which a retry is pointless. */
  readonly retryAt: number;
  /** Monotonic time until which the answer counts as fresh; Infinity while something refreshes the source. */
  readonly freshUntil: number;
  /** Whether refreshing it needs no connection. Known once the provider is open. */
  readonly isLocal: boolean;
  /** Reads, and resolves after the observers were notified. Never rejects. */
  read(mode: ReadMode): Promise<void>;
  /** Notifies the observer of the held answer, if that is fresh, and of each later answer. */
  observe(observer: SourceObserver): void;
  /** Ends one `observe`. */
  unobserve(observer: SourceObserver): void;
  /** Starts the poll and the subscription at the first call. */
  startRefresh(): void;
  /** Ends one `startRefresh`; the last one stops the poll and the subscription. */
  stopRefresh(): void;
  /** Records the decision of an observer about a payload. */
  settle(observer: SourceObserver, payload: Payload, settlement: Settlement): void;
  /** Returns the source of the secret's previous version, or undefined if there can be none. */
  previous(): PayloadSource | undefined;
  /** Handles an external report that the secret may have changed. */
  hint(): void;
  /** Handles a suspension or a step of the wall clock: reads soon if the current answer is older than its time to live. */
  wake(): void;
  /** Returns the paths that it reads. */
  stores(): readonly StorePath[];
}

/** Whether a source notifies a new observer of the held answer. */
export function isReported({ answer, freshUntil, retryAt }: PayloadSource, now: number): boolean {
  if (answer === undefined) return false;
  return answer.outcome.kind === "failed" ? retryAt > now : freshUntil > now;
}
