import type { Adapter, Lease, Provider, ProviderHost, SecretPayload } from "../contract/contract.ts";

/** Ends a fault that the harness caused; resolves when the store works again. */
export type Undo = () => Promise<void>;

/** What a case may change when it opens a provider. */
export interface OpenOptions {
  /** Raw options laid over the harness's own. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Members to use in place of those of a new `conformanceHost`; a whole host is fine. */
  readonly host?: Partial<ProviderHost>;
}

/**
 * Puts one adapter and a store that it reads under test. The author of an adapter writes it beside the adapter, and the cases
 * of `providerConformance` call it. Leave out the abilities that the store lacks; the cases for them have a `skip`.
 */
export interface ConformanceHarness {
  readonly adapter: Adapter;
  /** Raw options as in a config document, which `adapter.options()` accepts and which lead to the store under test. */
  options(): Record<string, unknown>;
  /**
   * Opens a further provider over the same store, as the client would: through the adapter's own option schema.
   * `openAdapter(adapter, { ...options(), ...o?.options }, o?.host)` does. The case closes it.
   */
  open(o?: OpenOptions): Promise<Provider>;
  /** A valid, unused path of the store: equal for equal labels, different for different labels. Labels match `[a-z0-9-]+`. */
  path(label: string): string;
  /** Writes or overwrites; resolves when a read that starts afterwards sees it (where `supports.frozen`, a read by a provider that opens afterwards). */
  put(path: string, payload: SecretPayload): Promise<void>;
  /** Deletes; resolves when a read that starts afterwards sees it. */
  remove?(path: string): Promise<void>;
  /** Makes the store refuse one existing path to this client. */
  deny?(path: string): Promise<Undo>;
  /** Disconnects the store from every provider, open or not. */
  sever?(): Promise<Undo>;
  /**
   * Makes the store fail for one existing path and still serve every other path: a broken volume, an object that it cannot
   * decrypt.
   */
  breakPath?(path: string): Promise<Undo>;
  /** Makes the store accept connections and answer none until this is undone: reads hang. */
  stall?(): Promise<Undo>;
  /** Ends the login of every open provider at the store. With `refuse`, further logins also fail until this is undone. */
  expireLogin?(o?: { readonly refuse?: boolean }): Promise<Undo>;
  /** Replaces the content of an existing path with something that is not a payload: a broken encoding, an ambiguous source. */
  corrupt?(path: string): Promise<Undo>;
  /** Makes the store ask every caller to retry after that time. */
  throttle?(retryAfterMs: number): Promise<Undo>;
  /** A path that was not read before and leases: each read creates a new credential with a renewable lease. */
  leasePath?(label: string): Promise<string>;
  /** Ends a lease at the store, as expiry or an operator would. */
  expireLease?(lease: Lease): Promise<void>;
  /** How often the store has been asked for a secret so far; shows that a hostile path is refused before any read. */
  reads?(): number;
  /** Credentials that the adapter uses; they must not appear anywhere. */
  credentials?(): readonly (string | Uint8Array)[];
  /** The output of the adapter and its SDK to their debug channels so far. */
  debugLines?(): readonly string[];
  /** Optional methods of a provider that this adapter leaves out on purpose; their cases are skipped. */
  readonly lacks?: readonly ("check" | "close")[];
  /** Set if this store cannot distinguish a missing secret from a forbidden one. */
  readonly ambiguousMissing?: true;
  /**
   * Set if this store changes one field after the other, so that a reader can see a mixture that no adapter can distinguish
   * from a version.
   */
  readonly piecemeal?: true;
  /** The payload kinds that `put` can write; by default those that `supports.payload` declares. */
  readonly payloads?: readonly SecretPayload["kind"][];
  /**
   * Whether the store can keep these bytes as a value or a field, else the reason (an environment variable cannot contain NUL).
   * By default all.
   */
  acceptsBytes?(bytes: Uint8Array): true | string;
  /** Whether the store can keep a field with this key, else the reason. By default all. */
  acceptsField?(key: string): true | string;
  /** The longest time from a change in the store to its hint, in milliseconds. Default 2000. */
  readonly settleMs?: number;
  /** Takes down the store; called by the test suite after the last case. */
  close(): Promise<void>;
}
