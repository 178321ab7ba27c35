import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Codec, Decoder } from "./codec.ts";
import { object } from "./object.ts";
import { text } from "./text.ts";

/** schema -> its codec, so that one schema always means one view */
const codecsOfSchemas = new WeakMap<object, Codec<unknown>>();
const kinds: ReadonlySet<unknown> = new Set(["text", "bytes", "json", "object"]);

/**
 * The codec that a decoder stands for; `text()` for none. The same decoder always gives the same codec.
 * @throws {SecretError} INVALID_CONFIG if it is neither a codec nor a Standard Schema
 */
export function toCodec<T>(decoder: Decoder<T> | undefined): Codec<T> {
  if (decoder === undefined) return text() as Codec<unknown> as Codec<T>;
  if (isStandardSchema(decoder)) return codecOfSchema(decoder) as Codec<T>;
  if (isCodec(decoder)) return decoder as Codec<T>;
  throw new SecretError("INVALID_CONFIG", "A decoder must be a codec or a Standard Schema.", {
    reason: "decoder",
    tip: "Pass text(), bytes(), json(schema), object(schema), object([...names]), tlsPair() and its like, or a schema of zod, valibot or arktype.",
  });
}

function codecOfSchema(schema: StandardSchemaV1): Codec<unknown> {
  let codec = codecsOfSchemas.get(schema);
  if (codec === undefined) {
    codec = object(schema);
    codecsOfSchemas.set(schema, codec);
  }
  return codec;
}

/** Asked before `isCodec`, for a zod schema has a `decode` method too. */
function isStandardSchema(decoder: unknown): decoder is StandardSchemaV1 {
  const standard = member(decoder, "~standard");
  return member(standard, "version") === 1 && typeof member(standard, "validate") === "function";
}

function isCodec(decoder: unknown): boolean {
  return kinds.has(member(decoder, "kind")) && typeof member(decoder, "decode") === "function";
}

/** A schema may be a function: arktype's are. */
function member(holder: unknown, key: string): unknown {
  const holds = (typeof holder === "object" && holder !== null) || typeof holder === "function";
  return holds ? (holder as unknown as Record<string, unknown>)[key] : undefined;
}
