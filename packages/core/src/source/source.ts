import type { SecretPayload } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { SecretFacts } from "../secret/secret.ts";
import type { Entry } from "./store-source.ts";

/** One reading of one version. Its identity says so: a store that answers `not-modified` yields the same object again. */
export interface Payload extends SecretFacts {
  readonly kind: "ok";
  readonly content: SecretPayload;
  /** From then on the store expects to hold another value. */
  readonly refreshAt?: Date;
}

/** What a source last said. `absent` is a definitive not-found; everything else that is not a payload is a failure. */
export type Outcome = Payload | { readonly kind: "absent" } | { readonly kind: "failed"; readonly error: SecretError };

/**
 * How fresh an answer must be: `cached` takes what is held while it is fresh, `join` shares a read in flight,
 * `after` demands a read that begins later than this call. None of them makes the store mint another credential while the
 * held one is good; `replace` is `after` that does, at most once in 10 s.
 */
export type ReadMode = "cached" | "join" | "after" | "replace";

export type Observer = (outcome: Outcome) => void;

/** Where a view reads: one store's path, several composed, or a chain of fallbacks. Nothing above knows which. */
export interface PayloadSource {
  readonly outcome: Outcome | undefined;
  /** Monotonic time before which a retry is pointless. */
  readonly retryAt: number;
  /** Monotonic time until which the outcome counts as fresh; Infinity while something keeps it fresh. */
  readonly freshUntil: number;
  /** Whether keeping it fresh costs no connection. Known once a provider is open. */
  readonly isLocal: boolean;
  /** Never rejects. */
  read(mode: ReadMode): Promise<Outcome>;
  /** The first keeper starts the poll and the subscription, the last one stops both. */
  keep(observer: Observer): () => void;
  /** The same secret's previous version, where the store has one; undefined where that makes no sense. */
  previous(): PayloadSource | undefined;
  /** Something outside says that it may have changed: read, at most once a second. */
  nudge(): void;
  /** The time is wrong or was lost: read soon if the held answer is older than its time to live. */
  wake(): void;
  /** The entries behind it. */
  leaves(): readonly Entry[];
}
