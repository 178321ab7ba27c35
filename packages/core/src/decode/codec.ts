import type { SecretPayload } from "../contract/contract.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";

/**
 * Turns a payload into the value that an application reads. Made by `text`, `bytes`, `json`, `object`, `base64` and the codecs
 * of known shapes (`tlsPair`, ...); hold on to it, since views are shared by its identity.
 */
export interface Codec<T> {
  readonly kind: "text" | "bytes" | "json" | "object";
  /** The fields that it reads, where it knows them: a declaration may mask these alone. */
  readonly fields?: readonly string[];
  /** @throws {SecretError} INVALID_VALUE, also as a rejection; never with anything of the value */
  decode(content: SecretPayload, context: DecodeContext): Decoded<T> | Promise<Decoded<T>>;
}

/** Accompanies one decoding. */
export interface DecodeContext {
  /** The reference asked for, for messages. */
  readonly reference: string;
  /** Must be called before any code of the application (a schema) sees the value, with the value that it is about to see. */
  expose(shown: unknown): void;
  /** Masks what a schema has thrown; undefined where the value would still show. Without it nothing of that is told. */
  mask?(words: string): string | undefined;
}

/** A decoded payload. `text` stays bytes, already trimmed and known to be UTF-8, until it is revealed; `T` is `string` then. */
export type Decoded<T> =
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | DecodedValue<T>;

/** A decoded payload that is neither text nor bytes. */
export interface DecodedValue<T> {
  readonly kind: "value";
  readonly value: T;
  /** Field -> the part of the value that is secret; absent where all of it is. Only these parts are masked then. */
  readonly sensitive?: Readonly<Record<string, string>>;
  /** The end that the value itself tells, such as that of a certificate; the earlier of this and the end that the store tells counts. */
  readonly expiresAt?: Date;
}

/** How a secret is read: a codec, or any Standard Schema (zod, valibot, arktype), which means `object(schema)`. */
export type Decoder<T> = Codec<T> | StandardSchemaV1<unknown, T>;
