import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { jsonKind, jsonMembers } from "../name/json-members.ts";
import { readJsonSource } from "../name/json-source.ts";
import { listedNames } from "../name/listed-names.ts";
import { nearest } from "../name/nearest.ts";
import { emptyValue, isText, notText, nulCharacter } from "./payload-problem.ts";
import { isBlank, stringOf, trimmedText } from "./text.ts";

/**
 * Returns the fields, or the members of one value that is a JSON object: name -> text, or bytes if they are not text. JSON
 * values other than strings become their source text; null members are omitted.
 * @throws {SecretError} INVALID_VALUE, as `membersOf`
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

/** A list of fields that must exist. */
export interface RequiredFields {
  readonly names: readonly string[];
  readonly allowEmpty: boolean;
  /** The remedy for a missing field. */
  readonly tip: string;
}

/**
 * Returns the text of the named fields, in their order. Without `allowEmpty`, blank text is refused.
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
 * Returns the members of one value that is a JSON object: name -> source text.
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

/** Trims text as `trimmedText` trims bytes, so that a field has equal text from a volume and from a JSON value. */
export function trimmedString(text: string): string {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  if (!text.endsWith("\n")) return text.slice(start);
  return text.slice(start, text.endsWith("\r\n") ? -2 : -1);
}

/**
 * Returns whether text is only ASCII white space, as `isBlank` does for bytes. A regular expression would keep the text in
 * `RegExp.$_`.
 */
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
