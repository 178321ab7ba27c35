import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { jsonKind, jsonMembers } from "../name/json-members.ts";
import { readJsonSource } from "../name/json-source.ts";
import { listedNames } from "../name/listed-names.ts";
import { nearest } from "../name/nearest.ts";
import { emptyValue, isText, notText, nulCharacter } from "./payload-problem.ts";
import { isBlank, stringOf, trimmedText } from "./text.ts";

/**
 * Returns fields, or the members of one value that holds a JSON object: name -> text, or bytes that are not text. JSON that is no
 * string appears as its source text; a member that is null is no field.
 * @throws {SecretError} INVALID_VALUE
 */
export function textFields(content: SecretPayload, reference: string): Map<string, string | Uint8Array> {
  const fields = new Map<string, string | Uint8Array>();
  if (content.kind === "fields") {
    for (const [name, bytes] of content.fields) fields.set(name, textOrBytes(bytes));
    return fields;
  }
  for (const [name, source] of membersOf(content.bytes, reference)) {
    const kind = jsonKind(source);
    if (kind !== "null") fields.set(name, kind === "string" ? trimmedString(JSON.parse(source) as string) : source);
  }
  return fields;
}

/** How the fields of a list are asked for. */
export interface RequiredFields {
  readonly names: readonly string[];
  readonly allowEmpty: boolean;
  /** What to do where one is missing. */
  readonly tip: string;
}

/**
 * Returns the fields named, all of them text. A value that must hold something may not be blank.
 * @throws {SecretError} INVALID_VALUE, reasons `field-missing`, `not-utf8`, `nul-character`, `empty`
 */
export function requiredText(
  fields: ReadonlyMap<string, string | Uint8Array>,
  required: RequiredFields,
  reference: string,
): readonly string[] {
  const { names, allowEmpty } = required;
  if (!names.every((name) => fields.has(name))) throw fieldsMissing(required, [...fields.keys()], reference);
  const texts = names.map((name) => textOf(name, fields.get(name) ?? "", reference));
  const empty = names.filter((_name, index) => isBlankText(texts[index] ?? ""));
  if (empty.length > 0 && !allowEmpty) throw emptyValue(reference, empty);
  return texts;
}

function textOf(name: string, field: string | Uint8Array, reference: string): string {
  if (typeof field !== "string") throw notText(field, reference, [name]);
  if (field.includes("\0")) throw nulCharacter(`the content of ${listedNames([name])} of "${reference}"`, reference);
  return field;
}

/**
 * Returns the members of one value that holds a JSON object, each as its source text.
 * @throws {SecretError} INVALID_VALUE, reasons `empty`, `not-object`, and those of `readJsonSource`
 */
export function membersOf(bytes: Uint8Array, reference: string, tip?: string): Map<string, string> {
  if (isBlank(bytes)) throw emptyValue(reference);
  const source = readJsonSource(bytes, { reference }, tip);
  if (jsonKind(source) === "object")
    return new Map([...jsonMembers(source)].map(([name, member]) => [name, member.source]));
  throw new SecretError("INVALID_VALUE", `the value of "${reference}" is JSON, but not an object with fields`, {
    reason: "not-object",
    reference,
    tip: tip ?? "Read it with json() or text().",
  });
}

/** Trims as `trimmedText` does, so that a field reads alike from a volume and from a JSON value. */
export function trimmedString(text: string): string {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  if (!text.endsWith("\n")) return text.slice(start);
  return text.slice(start, text.endsWith("\r\n") ? -2 : -1);
}

/** No regular expression, since `RegExp.$_` would keep the text; ASCII alone, as `isBlank`. */
function isBlankText(text: string): boolean {
  let at = 0;
  while (" \t\n\v\f\r".includes(text[at] ?? "x")) at += 1;
  return at === text.length;
}

function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  return isText(bytes) ? stringOf(trimmedText(bytes)) : Uint8Array.from(bytes);
}

function fieldsMissing({ names, tip }: RequiredFields, existing: readonly string[], reference: string): SecretError {
  const missing = names.filter((name) => !existing.includes(name));
  const others = existing.filter((name) => !names.includes(name));
  const meant = new Set(missing.flatMap((name) => nearest(name, others) ?? []));
  return new SecretError(
    "INVALID_VALUE",
    `"${reference}" lacks ${listedNames(missing)}; it has: ${listedNames(existing)}`,
    { reason: "field-missing", reference, tip: meant.size === 0 ? tip : `Did you mean ${listedNames(meant)}? ${tip}` },
  );
}
