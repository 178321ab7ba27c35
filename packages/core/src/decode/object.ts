import type { SecretPayload } from "../contract/contract.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { atCallerOf } from "../error/at-caller.ts";
import { SecretError } from "../error/secret-error.ts";
import { checkArgument, checkOptions, rules } from "../name/check-options.ts";
import { jsonKind } from "../name/json-members.ts";
import type { Codec, DecodeContext, Decoded } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { checkSchema, isStandardSchema } from "./schema-check.ts";
import { membersOf, requiredText, textFields, trimmedString } from "./text-fields.ts";

/** The options of `object` with a list of names. */
export interface ObjectOptions {
  /** Whether a field may be empty. Default: false. */
  readonly allowEmpty?: boolean;
}

/**
 * Reads fields, or one value that is a JSON object, as a frozen object of the listed fields, all required and all text. JSON
 * numbers, booleans, objects and arrays become their source text, so the result does not depend on the store. If the compiler
 * does not know the names, each property is typed as possibly undefined.
 */
export function object<const K extends readonly string[]>(
  names: K,
  options?: ObjectOptions,
): Codec<string extends K[number] ? { [name: string]: string | undefined } : { [P in K[number]]: string }>;
/**
 * Reads fields, or one value that is a JSON object, and returns the output of the schema. Numbers and booleans at the top level
 * become their source text (use coercion), fields that are not text a Uint8Array, and empty fields an empty string.
 */
export function object<T>(schema: StandardSchemaV1<unknown, T>): Codec<T>;
export function object(shape: readonly string[] | StandardSchemaV1, options: ObjectOptions = {}): Codec<unknown> {
  checkOptions("object", options, { allowEmpty: rules.flag });
  if (isNameList(shape)) {
    const fields = checkedNames(shape);
    return ownCodec<unknown>({
      kind: "object",
      fields,
      decode: createNamesDecoder(fields, options.allowEmpty === true),
    });
  }
  checkArgument("object", "shape", shape, isSchema);
  return ownCodec<unknown>({
    kind: "object",
    decode: (content, context) => checkSchema(shape, schemaInput(content, context), context),
  });
}

function isNameList(shape: readonly string[] | StandardSchemaV1): shape is readonly string[] {
  return Array.isArray(shape);
}

function isSchema(shape: unknown): string | undefined {
  return isStandardSchema(shape) ? undefined : 'must be names of fields, such as ["username"], or a Standard Schema';
}

function checkedNames(names: readonly string[]): readonly string[] {
  const valid = names.length > 0 && names.every((name) => typeof name === "string" && name !== "");
  if (valid && new Set(names).size === names.length) return Object.freeze([...names]);
  const error = new SecretError(
    "INVALID_CONFIG",
    "object([...]) needs at least one field name, each a string and listed once",
    {
      reason: "decoder",
      tip: 'Write object(["username", "password"]).',
    },
  );
  throw atCallerOf(error, checkedNames);
}

function createNamesDecoder(names: readonly string[], allowEmpty: boolean) {
  const tip = "Add the fields in the store, or correct the names in object([...]).";
  return (content: SecretPayload, { reference }: DecodeContext): Decoded<unknown> => {
    const texts = requiredText(textFields(content, reference), { names, allowEmpty, tip }, reference);
    // fromEntries defines own properties, so that a field named __proto__ is only a field
    return { kind: "value", value: Object.freeze(Object.fromEntries(names.map((name, at) => [name, texts[at]]))) };
  };
}

/** Explains the default codec of a schema: a schema without a codec means `object(schema)`, often by mistake. */
const schemaTip =
  "A schema alone reads fields or a JSON object: for plain text write text(schema), for other JSON json(schema).";

/** Returns the input of a schema: top-level scalars as source text, nested values with their JSON types. */
function schemaInput(content: SecretPayload, { reference }: DecodeContext): Record<string, unknown> {
  if (content.kind === "fields") return Object.fromEntries(textFields(content, reference));
  const entries = [...membersOf(content.bytes, reference, schemaTip)].map(([name, source]) => {
    if (jsonKind(source) === "scalar") return [name, source] as const;
    const value: unknown = JSON.parse(source);
    return [name, typeof value === "string" ? trimmedString(value) : value] as const;
  });
  return Object.fromEntries(entries);
}
