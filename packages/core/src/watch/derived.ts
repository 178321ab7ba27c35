import type { Secret } from "../secret/secret.ts";
import type { Duration } from "../time/duration.ts";

/** How a resource is made from a secret. */
export interface DeriveOptions<T, R> {
  /** Opens a resource for a value that is about to be adopted; a failure keeps the old value and the old resource. */
  open(secret: Secret<T>, signal: AbortSignal): R | Promise<R>;
  /** Closes a resource that was replaced or will not be used. */
  close?(resource: R): unknown;
  /** How long a replaced resource stays open for work in progress; default "30s". */
  readonly grace?: Duration;
}

/** One resource for each value that a secret takes: a connection pool, a TLS context. */
export interface Derived<R> extends AsyncDisposable {
  /** @throws {SecretError} NOT_READY before the first is open, or the code of the error that prevents serving its secret */
  readonly current: R;
  /** The first resource. Never an unhandled rejection. */
  readonly ready: Promise<R>;
  /** Closes every resource of this handle. */
  close(): Promise<void>;
}
