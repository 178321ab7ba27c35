import type { CallContext, ProviderHost } from "./contract.ts";
import type { StandardSchemaV1 } from "./standard-schema.ts";

/** A data key as wrapped by a key service: JSON that is not secret, with the kind of service in `use`. */
export interface WrappedDataKey {
  readonly use: string;
  readonly [member: string]: unknown;
}

/** The key services that a document lists under `keys`: the first one wraps, all unwrap. */
export interface KeyRing {
  /**
   * Wraps a data key for the first service. @param bound the context that the wrapped key is bound to, if the service supports
   * it
   */
  wrap(dataKey: Uint8Array, bound: Readonly<Record<string, string>>, context: CallContext): Promise<WrappedDataKey>;
  /** Returns the data key. The wrapped key comes from a file, so it may have any content. @throws {SecretError} */
  unwrap(wrapped: WrappedDataKey, context: CallContext): Promise<Uint8Array>;
  /** Ends connections and logins. */
  close(): Promise<void>;
}

/** Opens the key services of a config document: `keys` of @tacit/providers. */
export interface KeyRingAdapter<O = unknown> {
  /** The schema of `{ keys }`; a function, so that the schema library loads only with a config document. */
  options(): Promise<StandardSchemaV1<unknown, O>>;
  /** Paths of the options that are credentials, as an adapter lists them. */
  readonly credentials: readonly string[];
  /** Opens the key ring of validated options; no I/O before the first use. */
  open(options: O, host: ProviderHost): KeyRing;
}

/** A key ring with any options, or a function that loads one. */
export type KeyRings = AnyKeyRing | (() => Promise<AnyKeyRing>);

/** A key ring with any options. */
export interface AnyKeyRing extends Pick<KeyRingAdapter, "options" | "credentials"> {
  /** As of a `KeyRingAdapter`. */
  open(options: never, host: ProviderHost): KeyRing;
}
