import type { SecretPayload } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { LeaseVerdict } from "../lease/lease.ts";
import type { SecretFacts } from "../secret/secret.ts";
import type { FlightMode } from "../time/single-flight.ts";

/** One reading of one version. Its identity says so: a store that answers `not-modified` yields the same object again. */
export interface Payload extends SecretFacts {
  readonly kind: "ok";
  readonly content: SecretPayload;
  /** From then on the store expects to have a new value. */
  readonly refreshAt?: Date;
}

/** `notFound` is definitive; everything else that is not a payload is a failure. */
export type Outcome =
  | Payload
  | { readonly kind: "notFound" }
  | { readonly kind: "failed"; readonly error: SecretError };

/** The outcome of one read. */
export interface Answer {
  readonly outcome: Outcome;
  /** The scheduler's stamp of the moment at which the read began. */
  readonly began: number;
  /** Monotonic time of the answer. */
  readonly at: number;
}

/**
 * How fresh an answer must be: `cached` takes the current answer while it is fresh, `join` shares a read in flight, `after`
 * demands a read that begins later than this call. None of them makes the store issue a new credential while the current one is
 * good; `replace` is `after` that does, at most once in 10 s.
 */
export type ReadMode = FlightMode;

/** A listener of a source. Its exceptions are reported and do not affect others. */
export interface SourceObserver {
  /** An answer, each once. */
  onAnswer(answer: Answer): void;
  /** The lease of a value was renewed: the same content with a later end. */
  onExtended(payload: Payload): void;
  /** The store has ended the credential with this content. */
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

/** Where a view reads: one store's path, several composed, or a chain of fallbacks. The layers above do not know which. */
export interface PayloadSource {
  readonly answer: Answer | undefined;
  /** Monotonic time before which a retry is pointless. */
  readonly retryAt: number;
  /** Monotonic time until which the answer counts as fresh; Infinity while something refreshes the source. */
  readonly freshUntil: number;
  /** Whether refreshing it costs no connection. Known once a provider is open. */
  readonly isLocal: boolean;
  /** Resolves when the observers have been told. Never rejects. */
  read(mode: ReadMode): Promise<void>;
  /** Tells the observer what is held, if that is fresh, and then each answer. */
  observe(observer: SourceObserver): void;
  /** Ends one `observe`. */
  unobserve(observer: SourceObserver): void;
  /** The first call starts the poll and the subscription. */
  startRefresh(): void;
  /** Ends one `startRefresh`; the last one stops the poll and the subscription. */
  stopRefresh(): void;
  /** Records the decision of an observer about a payload. */
  settle(observer: SourceObserver, payload: Payload, settlement: Settlement): void;
  /** The same secret's previous version, where the store has one; undefined where that makes no sense. */
  previous(): PayloadSource | undefined;
  /** Something outside says that it may have changed. */
  hint(): void;
  /** Handles a wrong or lost time: reads soon if the current answer is older than its time to live. */
  wake(): void;
  /** The paths behind it. */
  stores(): readonly StorePath[];
}

/** Whether a source would tell a new observer what it holds. */
export function isTold({ answer, freshUntil, retryAt }: PayloadSource, now: number): boolean {
  if (answer === undefined) return false;
  return answer.outcome.kind === "failed" ? retryAt > now : freshUntil > now;
}
