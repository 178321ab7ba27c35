import type { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { SecretChange } from "./secret-change.ts";

/** A live handle on one reference. */
export interface SecretWatch<T = string> extends AsyncIterable<SecretChange<NonNullable<T>>>, AsyncDisposable {
  readonly state: "starting" | "live" | "stale" | "deleted" | "closed";
  /** The present problem; absent if there is none. */
  readonly lastError: SecretError | undefined;
  /** Milliseconds since the store last confirmed what is served. */
  readonly ageMs: number;
  /** The first value, or the error of the first load. Never an unhandled rejection. */
  readonly ready: Promise<SecretOf<T>>;
  /** @throws {SecretError} NOT_READY before the first value, or the code of the error that prevents serving */
  readonly latest: SecretOf<T>;
  /** Returns the unsubscribe function; after it returns, the listener is never called again. */
  on(
    event: "change",
    listener: (change: SecretChange<NonNullable<T>>) => unknown,
    options?: { readonly initial?: boolean },
  ): () => void;
  /** The error that keeps the newest value away: the first failure, and each change of the code. */
  on(event: "error", listener: (error: SecretError) => unknown): () => void;
  /** The store says definitively that it is gone; once. */
  on(event: "delete", listener: () => unknown): () => void;
  /** Reads anew. @throws {SecretError} if that fails, even if a last good value is served */
  refresh(): Promise<SecretOf<T>>;
  /** Ends this handle: iterators end, and no listener is called after that. Idempotent. */
  close(): Promise<void>;
}

/** True for a secret that may be absent; false for the others, also if nothing is known about them. */
export type SecretOf<T> = unknown extends T
  ? Secret<T>
  : undefined extends T
    ? Secret<Exclude<T, undefined>> | undefined
    : Secret<T>;
