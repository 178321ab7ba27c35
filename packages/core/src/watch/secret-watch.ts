import type { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { SecretChange } from "./secret-change.ts";

/** A live handle on one reference. */
export interface SecretWatch<T = string> extends AsyncIterable<SecretChange<NonNullable<T>>>, AsyncDisposable {
  readonly state: "starting" | "live" | "stale" | "deleted" | "closed";
  /** What is wrong now; absent when nothing is. */
  readonly lastError: SecretError | undefined;
  /** Milliseconds since the store last confirmed what is served. */
  readonly ageMs: number;
  /** The first value, or the error of the first load. Never an unhandled rejection. */
  readonly ready: Promise<SecretOf<T>>;
  /** @throws {SecretError} NOT_READY before the first value, or the code of what forbids serving */
  readonly latest: SecretOf<T>;
  /** Returns the unsubscribe function; after it returns, the listener is never called again. */
  on(
    event: "change",
    listener: (change: SecretChange<NonNullable<T>>) => unknown,
    options?: { readonly initial?: boolean },
  ): () => void;
  /** What keeps the newest value away: the first failure, and each of another code. */
  on(event: "error", listener: (error: SecretError) => unknown): () => void;
  /** The store says definitively that it is gone; once. */
  on(event: "delete", listener: () => unknown): () => void;
  /** Reads anew. @throws {SecretError} if that fails, also where a last good value is served */
  refresh(): Promise<SecretOf<T>>;
  /** Ends this handle: iterators end, no listener is called any more. Idempotent. */
  close(): Promise<void>;
}

/** A secret that may be absent is typed so; the others are not, nor is one of which nothing is known. */
export type SecretOf<T> = unknown extends T
  ? Secret<T>
  : undefined extends T
    ? Secret<Exclude<T, undefined>> | undefined
    : Secret<T>;
