import type { SecretError } from "../error/secret-error.ts";
import type { Clock } from "../time/clock.ts";
import type { StandardSchemaV1 } from "./standard-schema.ts";

/**
 * The content of one path of a store: one value, or a flat map of fields. The kind of store determines it; it is never guessed.
 */
export type SecretPayload =
  | { readonly kind: "value"; readonly bytes: Uint8Array }
  | { readonly kind: "fields"; readonly fields: ReadonlyMap<string, Uint8Array> };

/** The answer of one provider call. Everything else is a thrown `SecretError`. */
export type ProviderResult =
  | {
      readonly status: "ok";
      readonly payload: SecretPayload;
      /** Opaque; only equality has a meaning. */
      readonly version: string;
      readonly createdAt?: Date | undefined;
      /** Nothing is served past this moment. Beside a lease it bounds the first term; each renewal moves it. */
      readonly expiresAt?: Date | undefined;
      /**
       * From then on the store expects to have a new value: it is read again shortly after, and the current one is still
       * served.
       */
      readonly refreshAt?: Date | undefined;
      /** The store revokes the value at the end of this lease. */
      readonly lease?: Lease | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly status: "not-modified"; readonly version: string }
  | {
      readonly status: "not-found";
      /** `false` if the store cannot distinguish "missing" from "forbidden". */
      readonly definitive: boolean;
    };

/** The lease of a value. It counts from the call that returned it, so the clocks of client and store need not agree. */
export interface Lease {
  /** The store's id of it. */
  readonly id: string;
  readonly durationMs: number;
  /** Whether `renew` may extend it. */
  readonly renewable: boolean;
}

/** Which version is wanted. */
export type VersionSelector = "current" | "previous" | { readonly id: string };

/** One read. */
export interface ReadRequest {
  /** The provider's own path; routes and bindings made it from a name. */
  readonly path: string;
  readonly version: VersionSelector;
  /** Answer `not-modified` if this is still the version; set only if `supports.conditional` is set. */
  readonly ifVersion?: string | undefined;
  /**
   * Whether a newer value than the current one is expected, as after `invalidate`, with `freshness: "fresh"` and after a hint.
   * Then no cache between here and the store may answer. With `ifVersion` the answer may still be `not-modified`.
   */
  readonly fresh?: true | undefined;
  /**
   * Whether a hint of the provider's own subscription is the only reason for the read. The content of that hint may then answer
   * it, if it is newer than every earlier answer for the path.
   */
  readonly hinted?: true | undefined;
}

/** What accompanies each call. */
export interface CallContext {
  /** Aborts at the client's deadline or when nobody waits any more; throw its reason. */
  readonly signal: AbortSignal;
}

/** The abilities of a kind of store; read by the client, the docs and the conformance tests. */
export interface Supports {
  /** The kinds of payload it may answer. */
  readonly payload: "value" | "fields" | "both";
  /** Whether `previous` and version ids can be read. */
  readonly versions: boolean;
  /** `local`: subscriptions cost nothing (a file system watch). `remote`: each keeps a connection open. */
  readonly subscribe: false | "local" | "remote";
  /** Whether `ifVersion` is honoured. */
  readonly conditional: boolean;
  /** Whether some of its values are leased; `renew` and `revoke` must then exist. Default: no. */
  readonly leases?: boolean | undefined;
  /** Whether values only change on a restart (environment variables). */
  readonly frozen?: boolean | undefined;
  /** How many paths one call of `getMany` reads, 2 or more. Default: the store reads one at a time. */
  readonly batch?: number | undefined;
  /** How often a kept secret is read again in addition to any subscription, in milliseconds. */
  readonly defaultPollMs: number;
}

/** One thing that an operator should know; never a value, its length or a hash of it. */
export interface Finding {
  readonly level: "info" | "warning" | "error";
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
  readonly tip?: string | undefined;
  readonly provider?: string | undefined;
  readonly reference?: string | undefined;
  /** Reported once, and only if every provider of the client finds it, because one provider cannot know what another uses. */
  readonly unanimous?: true | undefined;
}

/** Whether changes arrive by push or only by polling, and why. */
export interface SubscriptionState {
  readonly mode: "push" | "poll";
  readonly code?: string | undefined;
}

/** One configured, open adapter. Only `get` is required. */
export interface Provider {
  readonly supports: Supports;
  /**
   * Reads one path once: no cache, no retry, no log.
   * @throws {SecretError} UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE, THROTTLED or INVALID_VALUE
   */
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /**
   * Reads several paths as `get` would, in one call to the store: at most `supports.batch`, each once, all of them current. The
   * answers have the order of the requests; the failure of one path is a `SecretError` in its place. Rejects only where none
   * could be read.
   * @throws {SecretError} UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE or THROTTLED
   */
  getMany?(requests: readonly ReadRequest[], context: CallContext): Promise<readonly (ProviderResult | SecretError)[]>;
  /** Starts calling `hint` whenever something may have changed; spurious hints are harmless. */
  subscribe?(paths: readonly string[], hint: (path?: string) => void, context: CallContext): Promise<Subscription>;
  /**
   * Describes what the store looks for under a path, for the message that it does not exist: `file "/etc/secrets/db/primary"`,
   * names of variables, and which of its names differ only in case. It may look at names, never at a value, and awaits nothing.
   * Default: the path. `fields` are those that the application reads, if it lists them.
   */
  place?(path: string, fields?: readonly string[]): string;
  /**
   * Returns whether a read of the path creates a new credential: such a path is never polled, and read again only when
   * necessary. Pure.
   */
  isDynamic?(path: string): boolean;
  /**
   * Extends a lease, perhaps by less than its duration.
   * @throws {SecretError} NOT_FOUND, definitive, if the store no longer knows it
   */
  renew?(lease: Lease, context: CallContext): Promise<Lease>;
  /** Ends a lease and the value that it leased. Ending one that has ended succeeds. */
  revoke?(lease: Lease, context: CallContext): Promise<void>;
  /** Checks cheaply that the store answers; reveals nothing. */
  check?(context: CallContext): Promise<void>;
  /** Returns findings for the operator; may do I/O, reveals nothing. */
  diagnose?(context: CallContext): Promise<readonly Finding[]>;
  /** Ends connections, watches and timers. Called once; calls after it may throw. */
  close?(): Promise<void>;
}

/** A running subscription. After disposal no hint arrives. */
export interface Subscription extends AsyncDisposable {
  /** The present state, if it can degrade; absent means push. */
  readonly state?: SubscriptionState;
}

/** The code for one kind of store. */
export interface Adapter<O = unknown> {
  readonly name: string;
  /** The schema of its options; a function, so that the schema library loads only with a config document. */
  options(): Promise<StandardSchemaV1<unknown, O>>;
  /** Options that are credentials: they must be `{"$env"}`, `{"$file"}` or `{"$secret"}` in the document and reach `open` as that source. */
  readonly credentials?: readonly string[] | undefined;
  /** Returns the path of a name; by default the `prefix` option joined to it by exactly one `/`. Pure. */
  toPath?(name: string, options: O): string;
  /** Opens a provider with validated options; `ready()` waits for it. @throws {SecretError} INVALID_CONFIG */
  open(options: O, host: ProviderHost): Provider | Promise<Provider>;
}

/** Where a credential is read, again at each use. */
export type CredentialSource = { readonly $env: string } | { readonly $file: string } | { readonly $secret: string };

/** The services of the client for a provider. */
export interface ProviderHost {
  /** The configured name of the provider. */
  readonly name: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** Reads a credential now; never cached. */
  credential(source: CredentialSource): Promise<Uint8Array>;
  /** Registers a provider's own token with the redactor. */
  protect(value: string | Uint8Array, name: string): void;
  /** A version for a store that has none: keyed per process, so it is not a hash of the value that could be guessed. */
  contentVersion(payload: SecretPayload): string;
  /** Reports a warning to the operator, once per code. */
  warn(code: string, tip: string, options?: WarnOptions): void;
}

/** What a warning means for the provider. */
export interface WarnOptions {
  /**
   * Whether the provider continues with a limit that an operator has to fix: health shows it as degraded until the client
   * closes. Default: no.
   */
  readonly degrades?: boolean | undefined;
}
