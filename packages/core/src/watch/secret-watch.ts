import type { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { SecretChange } from "./secret-change.ts";

/** A live handle on one reference. */
export interface SecretWatch<T = string> extends AsyncIterable<SecretChange<NonNullable<T>>>, AsyncDisposable {
  readonly state: "starting" | "live" | "stale" | "deleted" | "closed";
  /** The current problem; undefined if there is none. */
  readonly lastError: SecretError | undefined;
  /** The milliseconds since the store last confirmed the served value. */
  readonly ageMs: number;
  /** A promise of the first value, or the error of the first load. It never causes an unhandled rejection. */
  readonly ready: Promise<SecretOf<T>>;
  /** The current Secret. @throws {SecretError} NOT_READY before the first value; otherwise the code of the error that prevents serving */
  readonly latest: SecretOf<T>;
  /** Adds a listener of changes. Returns a function that removes it; the listener is not called after that. */
  on(
    event: "change",
    listener: (change: SecretChange<NonNullable<T>>) => unknown,
    options?: { readonly initial?: boolean },
  ): () => void;
  /** Adds a listener of errors that prevent an update: the first failure, and each change of the code. */
  on(event: "error", listener: (error: SecretError) => unknown): () => void;
  /** Adds a listener of a definitive deletion in the store. */
  on(event: "delete", listener: () => unknown): () => void;
  /** Reads again. @throws {SecretError} the error of the read, even if a last good value is served */
  refresh(): Promise<SecretOf<T>>;
  /** Closes this handle: iterators end, and no listener is called after that. Idempotent. */
  close(): Promise<void>;
}

/** The type of the Secret of a watch, including undefined if `T` does, as for an optional secret. */
export type SecretOf<T> = unknown extends T
  ? Secret<T>
  : undefined extends T
    ? Secret<Exclude<T, undefined>> | undefined
    : Secret<T>;
