import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { checkArgument } from "../name/check-options.ts";
import { readJsonSource } from "../name/json-source.ts";
import type { Codec, Decoded } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { emptyValue, valueBytes } from "./payload-problem.ts";
import { checkSchema, isStandardSchema } from "./schema-check.ts";

/**
 * Reads one value as JSON with JSON's own types; use `object` if the result must be equal for every store. Every `reveal()`
 * returns the same object.
 */
export function json(): Codec<unknown>;
/** Reads one value as JSON and returns the output of the schema. */
export function json<T>(schema: StandardSchemaV1<unknown, T>): Codec<T>;
export function json<T>(schema?: StandardSchemaV1<unknown, T>): Codec<unknown> {
  if (schema !== undefined) checkArgument("json", "schema", schema, isSchema);
  return ownCodec<unknown>({
    kind: "json",
    decode(content, context): Decoded<unknown> | Promise<Decoded<unknown>> {
      const { reference } = context;
      const whole = valueBytes(content, reference, "json()");
      if (whole.length === 0) throw emptyValue(reference);
      const value: unknown = JSON.parse(readJsonSource(whole, { reference }));
      return schema === undefined ? { kind: "value", value } : checkSchema(schema, value, context);
    },
  });
}

function isSchema(schema: unknown): string | undefined {
  return isStandardSchema(schema) ? undefined : "must be a Standard Schema";
}
