import type { SecretPayload } from "../contract/contract.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";

/**
 * Decodes a payload into the value that an application reads. `text`, `bytes`, `json`, `object`, `base64` and the codecs of
 * known formats (`tlsPair`, ...) create one. Create your own codec once and reuse it, because views are shared by its identity.
 */
export interface Codec<T> {
  readonly kind: "text" | "bytes" | "json" | "object";
  /** The fields that the codec reads, if they are known: a declaration can set a mask only for these. */
  readonly fields?: readonly string[];
  /**
   * Decodes one payload.
   * @throws {SecretError} INVALID_VALUE, thrown or as a rejection; the error contains no part of the value
   */
  decode(content: SecretPayload, context: DecodeContext): Decoded<T> | Promise<Decoded<T>>;
}

/** The context of one `decode` call. */
export interface DecodeContext {
  /** The requested reference, for messages. */
  readonly reference: string;
  /** Registers a value for masking. Call it before application code, such as a schema, receives the value. */
  expose(shown: unknown): void;
  /**
   * Masks the message of an error that a schema threw; returns undefined if part of the value would remain. If it is absent, the
   * message is omitted.
   */
  mask?(words: string): string | undefined;
}

/** A decoded payload. A `text` payload keeps its trimmed, valid UTF-8 bytes until it is revealed; `T` is then `string`. */
export type Decoded<T> =
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | DecodedValue<T>;

/** A decoded payload that is neither text nor bytes. */
export interface DecodedValue<T> {
  readonly kind: "value";
  readonly value: T;
  /** field -> the secret part of the value; only these parts are masked. Absent if the whole value is secret. */
  readonly sensitive?: Readonly<Record<string, string>>;
  /**
   * The expiry in the value itself, such as that of a certificate. If the store also reports an expiry, the earlier one applies.
   */
  readonly expiresAt?: Date;
}

/** Decides how a secret is read: a codec, or any Standard Schema (zod, valibot, arktype), which means `object(schema)`. */
export type Decoder<T> = Codec<T> | StandardSchemaV1<unknown, T>;
