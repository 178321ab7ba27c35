import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { atCallerOf } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Codec, Decoder } from "./codec.ts";
import { object } from "./object.ts";
import { guardedCodec } from "./own-codec.ts";
import { isStandardSchema, member } from "./schema-check.ts";
import { text } from "./text.ts";

/** schema -> its codec, so that one schema always means one view */
const codecsOfSchemas = new WeakMap<object, Codec<unknown>>();
const kinds: ReadonlySet<unknown> = new Set(["text", "bytes", "json", "object"]);

/**
 * Returns the codec of a decoder. Default: `text()`. The same decoder always returns the same codec.
 * @throws {SecretError} INVALID_CONFIG if it is neither a codec nor a Standard Schema
 */
export function toCodec<T>(decoder: Decoder<T> | undefined): Codec<T> {
  if (decoder === undefined) return text() as Codec<unknown> as Codec<T>;
  // This check precedes `isCodec`, because a zod schema also has a `decode` method.
  if (isStandardSchema(decoder)) return codecOfSchema(decoder) as Codec<T>;
  if (isCodec(decoder)) return guardedCodec(decoder as Codec<T>);
  const error = new SecretError("INVALID_CONFIG", "a decoder must be a codec or a Standard Schema", {
    reason: "decoder",
    tip: "Pass text(), text(schema), bytes(), json(schema), object(schema), object([...names]), base64(), tlsPair() or a similar codec, or a schema of zod, valibot or arktype.",
  });
  throw atCallerOf(error, toCodec);
}

function codecOfSchema(schema: StandardSchemaV1): Codec<unknown> {
  let codec = codecsOfSchemas.get(schema);
  if (codec === undefined) {
    codec = object(schema);
    codecsOfSchemas.set(schema, codec);
  }
  return codec;
}

function isCodec(decoder: unknown): boolean {
  return kinds.has(member(decoder, "kind")) && typeof member(decoder, "decode") === "function";
}
