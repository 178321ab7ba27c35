import type { Adapter, Lease, Provider, ProviderHost, SecretPayload } from "../contract/contract.ts";

/** Ends a fault that a harness has made; resolves when the store is well again. */
export type Undo = () => Promise<void>;

/** What a case may change when it opens a provider. */
export interface OpenOptions {
  /** Raw options laid over the harness's own. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Members to use in place of those of a new `conformanceHost`; a whole host is fine. */
  readonly host?: Partial<ProviderHost>;
}

/**
 * Puts one adapter and a store that it reads under test. The author of an adapter writes it, beside the adapter; the
 * cases of `providerConformance` drive it. What a store cannot do is left out, and its cases say so in their `skip`.
 */
export interface ConformanceHarness {
  readonly adapter: Adapter;
  /** Raw options, as a config document would hold them, that `adapter.options()` accepts and that reach the store under test. */
  options(): Record<string, unknown>;
  /**
   * Opens a further provider over the same store, as the client would: through the adapter's own option schema.
   * `openAdapter(adapter, { ...options(), ...o?.options }, o?.host)` does. The case closes it.
   */
  open(o?: OpenOptions): Promise<Provider>;
  /** A path that the store can hold, where nothing is yet: the same for the same label, another for another one. Labels match `[a-z0-9-]+`. */
  path(label: string): string;
  /** Writes or overwrites; resolves when a read that starts afterwards sees it (where `supports.frozen`, a read by a provider that opens afterwards). */
  put(path: string, payload: SecretPayload): Promise<void>;
  /** Deletes; resolves when a read that starts afterwards sees it. */
  remove?(path: string): Promise<void>;
  /** Makes the store refuse one existing path to this client. */
  deny?(path: string): Promise<Undo>;
  /** Cuts the store off from every provider, open or not. */
  sever?(): Promise<Undo>;
  /** Makes the store fail with one existing path, and go on serving every other one: a broken volume, an object it cannot decrypt. */
  breakPath?(path: string): Promise<Undo>;
  /** Makes the store accept connections and answer none until undone: reads hang. */
  stall?(): Promise<Undo>;
  /** Ends the login of every open provider at the store. With `refuse`, further logins fail too, until undone. */
  expireLogin?(o?: { readonly refuse?: boolean }): Promise<Undo>;
  /** Leaves something at an existing path that the adapter cannot take for a payload: a broken encoding, an ambiguous source. */
  corrupt?(path: string): Promise<Undo>;
  /** Makes the store ask every caller to come back after that long. */
  throttle?(retryAfterMs: number): Promise<Undo>;
  /** A path, not read before, whose reads lease: each makes a credential of its own with a lease that can be renewed. */
  leasePath?(label: string): Promise<string>;
  /** Ends a lease at the store, as its time or an operator does. */
  expireLease?(lease: Lease): Promise<void>;
  /** How often the store has been asked for a secret so far; shows that a hostile path is refused before any read. */
  reads?(): number;
  /** Credentials that the adapter uses; they must show up nowhere. */
  credentials?(): readonly (string | Uint8Array)[];
  /** What the adapter or its SDK wrote to its debug channel so far. */
  debugLines?(): readonly string[];
  /** Optional methods of a provider that this adapter leaves out on purpose; their cases are skipped. */
  readonly lacks?: readonly ("check" | "close")[];
  /** Set where this store cannot tell a missing secret from a forbidden one. */
  readonly ambiguousMissing?: true;
  /** Set where this store changes one field after the other, so that a reader can meet a mixture that no adapter can tell from a version. */
  readonly piecemeal?: true;
  /** The payload kinds that `put` can write; by default those that `supports.payload` declares. */
  readonly payloads?: readonly SecretPayload["kind"][];
  /** Whether the store can hold these bytes as a value or a field, else why not (an environment variable cannot hold NUL). By default any. */
  acceptsBytes?(bytes: Uint8Array): true | string;
  /** Whether the store can hold a field with this key, else why not. By default any. */
  acceptsField?(key: string): true | string;
  /** The longest, in milliseconds, from a change in the store to the hint of it. Default 2000. */
  readonly settleMs?: number;
  /** Takes down the store; called by the test suite after the last case. */
  close(): Promise<void>;
}
