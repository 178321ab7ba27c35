import type { SecretPayload } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { type JsonMember, jsonKind, jsonMembers } from "./json-members.ts";
import { type JsonOrigin, readJsonSource } from "./json-source.ts";
import { listedNames, quotedName } from "./listed-names.ts";
import { nearest } from "./nearest.ts";

/** The part of a payload to read: a field by its literal name, or a JSON pointer (RFC 6901) with at least one token. */
export type Selector =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "pointer"; readonly tokens: readonly string[] };

/**
 * Parses the text after `#`: a JSON pointer if it begins with a slash, else a literal key, in which dots have no meaning.
 * @throws {SecretError} INVALID_NAME if it is empty, or contains a control character or a `~` in a pointer that is not `~0` or `~1`
 */
export function parseSelector(text: string): Selector {
  if (text === "") throw invalid("the selector after # is empty");
  const position = [...text].findIndex((character) => character < " " || character === "\u007f");
  if (position !== -1) throw invalid(`the selector contains a control character at position ${position}`);
  if (!text.startsWith("/")) return { kind: "key", key: text };
  const tilde = text.search(/~(?![01])/);
  if (tilde !== -1) throw invalid(`the selector contains "~" at position ${tilde} that is neither "~0" nor "~1"`);
  const tokens = text.slice(1).split("/");
  return { kind: "pointer", tokens: tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")) };
}

/** Returns the text that `parseSelector` parses as this selector. */
export function formatSelector(selector: Selector): string {
  if (selector.kind === "key") return selector.key;
  return selector.tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/**
 * Returns one value of a payload: a field, a member of the JSON object in the value, or the target of a pointer into either.
 * The result is the exact bytes of a field, the UTF-8 text of a JSON string, or the source text of any other JSON.
 * @throws {SecretError} INVALID_VALUE: `field-missing` (also for null) lists the existing fields; `not-object` if the value has no
 * members; the errors of `readJsonSource`
 */
export function select(content: SecretPayload, selector: Selector, context: JsonOrigin): SecretPayload {
  const [first = "", ...rest] = selector.kind === "key" ? [selector.key] : selector.tokens;
  if (content.kind === "fields") {
    const bytes = content.fields.get(first);
    if (bytes === undefined) throw fieldMissing(first, content.fields.keys(), context);
    return {
      kind: "value",
      bytes: rest.length === 0 ? bytes : pointInto(readJsonSource(bytes, context), rest, context),
    };
  }
  const source = readJsonSource(content.bytes, context);
  if (selector.kind === "key" && jsonKind(source) !== "object") throw notAnObject(context);
  return { kind: "value", bytes: pointInto(source, [first, ...rest], context) };
}

function pointInto(document: string, tokens: readonly string[], context: JsonOrigin): Uint8Array {
  let source = document;
  for (const token of tokens) {
    const kind = jsonKind(source);
    const children = kind === "object" || kind === "array" ? jsonMembers(source) : new Map<string, JsonMember>();
    const child = children.get(token);
    if (child === undefined) throw fieldMissing(token, kind === "array" ? [] : children.keys(), context);
    source = child.source;
  }
  if (jsonKind(source) === "null") throw fieldIsNull(tokens.at(-1) ?? "", context);
  return utf8(jsonKind(source) === "string" ? (JSON.parse(source) as string) : source);
}

/**
 * Encodes text into an ArrayBuffer of its own: pooled memory is shared with other data, and `Buffer.alloc` may use the V8 heap.
 */
function utf8(text: string): Uint8Array {
  const bytes = Buffer.from(new ArrayBuffer(Buffer.byteLength(text)));
  bytes.write(text);
  return bytes;
}

function notAnObject(context: JsonOrigin): SecretError {
  return new SecretError(
    "INVALID_VALUE",
    `the value of "${context.reference}" is JSON, but not an object with members`,
    {
      ...context,
      reason: "not-object",
      tip: "Remove the selector, or use a JSON pointer such as #/0.",
    },
  );
}

function fieldMissing(wanted: string, existing: Iterable<string>, context: JsonOrigin): SecretError {
  const names = [...existing];
  const meant = nearest(wanted, names);
  const message = `"${context.reference}" has no field ${quotedName(wanted)}; it has: ${listedNames(names)}`;
  const tip =
    meant === undefined ? "Correct the selector, or add the field in the store." : `Did you mean ${quotedName(meant)}?`;
  return new SecretError("INVALID_VALUE", message, { ...context, reason: "field-missing", tip });
}

function fieldIsNull(name: string, context: JsonOrigin): SecretError {
  return new SecretError("INVALID_VALUE", `the field ${quotedName(name)} of "${context.reference}" is null`, {
    ...context,
    reason: "field-missing",
    tip: "Set the field in the store.",
  });
}

function invalid(message: string): SecretError {
  return new SecretError("INVALID_NAME", message, {
    reason: "selector",
    tip: 'A selector is a field name such as "#password", or a JSON pointer such as "#/primary/password" ("~1" stands for "/", "~0" for "~").',
  });
}
