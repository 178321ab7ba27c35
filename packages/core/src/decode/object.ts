import { isUtf8 } from "node:buffer";
import { SecretError } from "../error/secret-error.ts";
import { jsonChildren, jsonKind, readJsonSource } from "../name/json-source.ts";
import { listedNames } from "../name/listed-names.ts";
import type { SecretPayload } from "../provider/contract.ts";
import type { Codec, DecodeContext, Decoded } from "./decoder.ts";
import { emptyValue, notUtf8 } from "./payload-problem.ts";
import { checkSchema } from "./schema-check.ts";
import type { StandardSchemaV1 } from "./standard-schema.ts";
import { isBlank, trimmedText } from "./text.ts";

/** How `object` with a list of names reads. */
export interface ObjectOptions {
  /** Whether a field may be empty; default false. */
  readonly allowEmpty?: boolean;
}

/**
 * Reads fields, or one value that holds a JSON object, as an object of the fields named: all required, all text, frozen.
 * JSON numbers, booleans, objects and arrays appear as their source text, so every store reads alike.
 */
export function object<const K extends readonly string[]>(
  names: K,
  options?: ObjectOptions,
): Codec<{ [P in K[number]]: string }>;
/**
 * Reads fields, or one value that holds a JSON object, and gives what the schema makes of it. Numbers and booleans at the top
 * level appear as their source text (use coercion), fields that are not UTF-8 as Uint8Array, empty ones as empty strings.
 */
export function object<T>(schema: StandardSchemaV1<unknown, T>): Codec<T>;
export function object(shape: readonly string[] | StandardSchemaV1, options: ObjectOptions = {}): Codec<unknown> {
  const decode = isNameList(shape)
    ? createNamesDecoder(checkedNames(shape), options.allowEmpty === true)
    : (content: SecretPayload, context: DecodeContext) => checkSchema(shape, schemaInput(content, context), context);
  return Object.freeze<Codec<unknown>>({ kind: "object", decode });
}

function isNameList(shape: readonly string[] | StandardSchemaV1): shape is readonly string[] {
  return Array.isArray(shape);
}

function checkedNames(names: readonly string[]): readonly string[] {
  const valid = names.length > 0 && names.every((name) => typeof name === "string" && name !== "");
  if (valid && new Set(names).size === names.length) return [...names];
  throw new SecretError(
    "INVALID_CONFIG",
    "object([...]) needs at least one field name, each a string and listed once.",
    {
      reason: "decoder",
      tip: 'Write object(["username", "password"]).',
    },
  );
}

function createNamesDecoder(names: readonly string[], allowEmpty: boolean) {
  return (content: SecretPayload, { reference }: DecodeContext): Decoded<unknown> => {
    const fields = textFields(content, reference);
    const missing = names.filter((name) => !fields.has(name));
    if (missing.length > 0) throw fieldsMissing(missing, fields.keys(), reference);
    const binary = names.filter((name) => typeof fields.get(name) !== "string");
    if (binary.length > 0) throw notUtf8(reference, binary);
    const empty = names.filter((name) => /^[\t-\r ]*$/.test(fields.get(name) as string));
    if (empty.length > 0 && !allowEmpty) throw emptyValue(reference, empty);
    // fromEntries defines own properties, so that a field named __proto__ is only a field
    return { kind: "value", value: Object.freeze(Object.fromEntries(names.map((name) => [name, fields.get(name)]))) };
  };
}

/** name -> text, or bytes that are not UTF-8; a JSON member that is null is no field */
function textFields(content: SecretPayload, reference: string): Map<string, string | Uint8Array> {
  const fields = new Map<string, string | Uint8Array>();
  if (content.kind === "fields") {
    for (const [name, bytes] of content.fields) fields.set(name, textOrBytes(bytes));
    return fields;
  }
  for (const [name, source] of members(content.bytes, reference)) {
    const kind = jsonKind(source);
    if (kind !== "null") fields.set(name, kind === "string" ? trimmedString(JSON.parse(source) as string) : source);
  }
  return fields;
}

/** What a schema is asked about: top-level scalars as source text, what lies deeper as JSON has it. */
function schemaInput(content: SecretPayload, { reference }: DecodeContext): Record<string, unknown> {
  if (content.kind === "fields") return Object.fromEntries(textFields(content, reference));
  const entries = [...members(content.bytes, reference)].map(([name, source]) => {
    if (jsonKind(source) === "scalar") return [name, source] as const;
    const value: unknown = JSON.parse(source);
    return [name, typeof value === "string" ? trimmedString(value) : value] as const;
  });
  return Object.fromEntries(entries);
}

function members(bytes: Uint8Array, reference: string): Map<string, string> {
  if (isBlank(bytes)) throw emptyValue(reference);
  const source = readJsonSource(bytes, { reference });
  if (jsonKind(source) === "object") return jsonChildren(source);
  throw new SecretError("INVALID_VALUE", `The value of ${reference} is JSON, but not an object with fields.`, {
    reason: "not-object",
    reference,
    tip: "Read it with json() or text().",
  });
}

function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  if (!isUtf8(bytes)) return Uint8Array.from(bytes);
  const text = trimmedText(bytes);
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("utf8");
}

/** The same trimming as `trimmedText`, so that a field reads alike from a volume and from a JSON value. */
function trimmedString(text: string): string {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  if (!text.endsWith("\n")) return text.slice(start);
  return text.slice(start, text.endsWith("\r\n") ? -2 : -1);
}

function fieldsMissing(missing: readonly string[], existing: Iterable<string>, reference: string): SecretError {
  return new SecretError(
    "INVALID_VALUE",
    `${reference} lacks ${listedNames(missing)}; it has: ${listedNames(existing)}.`,
    { reason: "field-missing", reference, tip: "Add the fields in the store, or correct the names in object([...])." },
  );
}
