import type { SecretPayload } from "../contract/contract.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";

/**
 * Turns a payload into the value that an application reads. Made by `text`, `bytes`, `json`, `object`, `base64` and the codecs
 * of known shapes (`tlsPair`, ...); keep it, because views are shared by its identity.
 */
export interface Codec<T> {
  readonly kind: "text" | "bytes" | "json" | "object";
  /** The fields that it reads, if it knows them: a declaration may have a mask only for these. */
  readonly fields?: readonly string[];
  /** @throws {SecretError} INVALID_VALUE, also as a rejection; never with any part of the value */
  decode(content: SecretPayload, context: DecodeContext): Decoded<T> | Promise<Decoded<T>>;
}

/** Accompanies one decoding. */
export interface DecodeContext {
  /** The requested reference, for messages. */
  readonly reference: string;
  /** Must be called with a value before any code of the application (a schema) sees it. */
  expose(shown: unknown): void;
  /** Masks the text that a schema threw; undefined if the value would still show. Without it, that text is left out. */
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
  /** Field -> the secret part of the value; only these parts are masked. Absent if all of it is secret. */
  readonly sensitive?: Readonly<Record<string, string>>;
  /**
   * The expiry in the value itself, such as that of a certificate; the earlier of this and the expiry from the store counts.
   */
  readonly expiresAt?: Date;
}

/** How a secret is read: a codec, or any Standard Schema (zod, valibot, arktype), which means `object(schema)`. */
export type Decoder<T> = Codec<T> | StandardSchemaV1<unknown, T>;
