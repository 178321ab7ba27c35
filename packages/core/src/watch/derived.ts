import type { Secret } from "../secret/secret.ts";
import type { Duration } from "../time/duration.ts";

/** The functions that open and close a resource. */
export interface DeriveOptions<T, R> {
  /** Opens a resource for a value that is about to be adopted; a failure keeps the old value and the old resource. */
  open(secret: Secret<T>, signal: AbortSignal): R | Promise<R>;
  /** Closes a resource that was replaced or will not be used. Default: nothing is closed. */
  close?(resource: R): unknown;
  /** How long a replaced resource stays open for work in progress. Default: "30s". */
  readonly grace?: Duration;
}

/** A resource for the current value of a secret, such as a connection pool or a TLS context. */
export interface Derived<R> extends AsyncDisposable {
  /** The current resource. @throws {SecretError} NOT_READY before the first one is open; otherwise the code of the error that prevents serving the secret */
  readonly current: R;
  /** A promise of the first resource. It never causes an unhandled rejection. */
  readonly ready: Promise<R>;
  /** Closes all resources of this handle. */
  close(): Promise<void>;
}
