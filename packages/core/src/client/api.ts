import type { Finding } from "../contract/contract.ts";
import type { Declarations, Declared, IsOptional, ValueOf } from "../declare/declaration.ts";
import type { Decoder } from "../decode/codec.ts";
import type { SecretEvents } from "../events/events.ts";
import type { Health } from "../health/health.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { Secret } from "../secret/secret.ts";
import type { Duration } from "../time/duration.ts";
import type { Derived, DeriveOptions } from "../watch/derived.ts";
import type { SecretWatch } from "../watch/secret-watch.ts";
import type { UseOptions } from "../watch/use-options.ts";
import type { ReadyOptions } from "./ready-options.ts";

/** The options of one read. */
export interface GetOptions {
  /** Ends only this call, which rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The time after which only this call rejects, with UNAVAILABLE/timeout. Default: none. */
  readonly timeout?: Duration;
  /**
   * The maximum time since the store last confirmed the value; an older value is read again before it is served. If the read
   * fails, the value is served as during any outage. Use it in functions whose process is frozen between two requests.
   * Concurrent readers share one read.
   */
  readonly maxAge?: Duration;
  /** `fresh` never joins a read that began before it, and throws if the read fails. Default: `cached`. */
  readonly freshness?: "cached" | "fresh";
}

/** The options of closing a client. */
export interface CloseOptions {
  /** The maximum time that closing may take. Default: "5s". */
  readonly timeout?: Duration;
}

/** The type of the Secret of an alias, including undefined if it is declared optional. */
export type SecretOfAlias<D extends Declarations, K extends keyof D> =
  IsOptional<D[K]> extends true ? Secret<ValueOf<D[K]>> | undefined : Secret<ValueOf<D[K]>>;

/** The type parameter of a watch of an alias, including undefined if it is declared optional. */
export type WatchedValue<D extends Declarations, K extends keyof D> =
  IsOptional<D[K]> extends true ? ValueOf<D[K]> | undefined : ValueOf<D[K]>;

/** A client that reads only declared aliases. */
export interface StrictSecrets<D extends Declarations> extends AsyncDisposable {
  /**
   * Loads everything that is declared. May be called again, also after a failure.
   * @throws {SecretError} NOT_READY whose `errors` are all problems
   */
  ready(options?: ReadyOptions): Promise<void>;
  /** Returns the Secret of an alias, after a read if necessary. @throws {SecretError} INVALID_NAME for an undeclared alias; any code of docs/errors.md */
  getSecret<K extends keyof D & string>(alias: K, options?: GetOptions): Promise<SecretOfAlias<D, K>>;
  /**
   * Returns the current Secret, without waiting.
   * @throws {SecretError} NOT_READY before the first load; otherwise the code of the error that prevents serving
   */
  latest<K extends keyof D & string>(alias: K): SecretOfAlias<D, K>;
  /** Returns a live handle, without waiting for the first value. */
  watch<K extends keyof D & string>(
    alias: K,
    options?: { readonly signal?: AbortSignal },
  ): SecretWatch<WatchedValue<D, K>>;
  /** Opens a resource, such as a pool, for each value. */
  derive<K extends keyof D & string, R>(alias: K, options: DeriveOptions<ValueOf<D[K]>, R>): Derived<R>;
  /**
   * Runs the work with the current value. If it fails because the credential was refused, and another one is available, it runs
   * once more with that one, but never a third time. Concurrent refusals cause one read of the store.
   * @throws the error of `work`
   */
  use<K extends keyof D & string, R>(
    alias: K,
    work: (secret: SecretOfAlias<D, K>, signal: AbortSignal) => R | Promise<R>,
    options: UseOptions,
  ): Promise<R>;
  /** Returns the accepted Secrets, newest first: the current one, and the previous one during the `overlap` of the declaration. */
  accepted<K extends keyof D & string>(alias: K): readonly Secret<ValueOf<D[K]>>[];
  /**
   * Makes the next read await one new call. With `drop`, a leaked value is discarded everywhere in this client and refused from
   * now on. Pass the leaked Secret; a newer value stays. `true` means every value that is kept, or was recently served, under
   * this name. A credential with a lease ends at its store, for every alias of its path.
   * @param target an alias, a reference, or `{ name }` for a reference that an alias of the same name hides
   */
  invalidate(target: string | { readonly name: string }, options?: { readonly drop?: boolean | Secret<unknown> }): void;
  /** Reads again after an external notification, at most once per second and secret. */
  notify(hint: { readonly reference?: string; readonly provider?: string }): void;
  /** Returns the state of the served values, without I/O. */
  health(): Health;
  /** Returns findings for the operator, including those of all providers. May do I/O; reveals no secrets. */
  diagnose(): Promise<readonly Finding[]>;
  readonly events: SecretEvents;
  /** The redactor that masks the values of this client, as passed to `createSecrets`. */
  readonly redactor: Redactor;
  /** Closes the client within the timeout (5 s by default); idempotent. */
  close(options?: CloseOptions): Promise<void>;
}

/** A client that also reads references without a declaration. */
export interface OpenSecrets<D extends Declarations> extends StrictSecrets<D> {
  getSecret<K extends keyof D & string>(alias: K, options?: GetOptions): Promise<SecretOfAlias<D, K>>;
  getSecret<T>(reference: string, as: Decoder<T>, options?: GetOptions): Promise<Secret<T>>;
  getSecret(reference: string, options?: GetOptions): Promise<Secret<string>>;
  watch<K extends keyof D & string>(
    alias: K,
    options?: { readonly signal?: AbortSignal },
  ): SecretWatch<WatchedValue<D, K>>;
  watch<T>(reference: string, as: Decoder<T>, options?: { readonly signal?: AbortSignal }): SecretWatch<T>;
  watch(reference: string, options?: { readonly signal?: AbortSignal }): SecretWatch<string>;
}

/** The type of a client with these declarations, strict or not. */
export type Secrets<D extends Declarations = Declarations, Strict extends boolean = true> = Strict extends true
  ? StrictSecrets<D>
  : OpenSecrets<D>;

/** The type of the client of a declaration, for parameters and injection: `SecretsOf<typeof declared>`. */
export type SecretsOf<T extends Declared> = T extends Declared<infer D> ? StrictSecrets<D> : never;

/** The type of the watch of one alias: `WatchOf<typeof declared, "db">`. */
export type WatchOf<T extends Declared, K extends string> =
  T extends Declared<infer D> ? (K extends keyof D ? SecretWatch<WatchedValue<D, K>> : never) : never;
