import { isUtf8 } from "node:buffer";
import { isBytes } from "../contract/content.ts";
import { contentOfSecret, type Secret } from "../secret/secret.ts";
import { canonicalBytes } from "./engine/canonical-view.ts";
import { jsonTokens } from "./engine/json-token.ts";
import { minCanonicalLength, type Part } from "./engine/pattern.ts";
import { innerValues, isPlainSetting } from "./inner-values.ts";
import { leavesOf } from "./leaves.ts";
import { isMaskableText, isMaskedAsWord, type Mask, type Masks, maskOf } from "./mask-policy.ts";
import { maskedLeavesOf } from "./masked-leaves.ts";
import { printedVariants } from "./printed-variants.ts";

const maxDepth = 100;
/** The minimum length of a line of a longer text; shorter ones occur in other texts, too. */
const minLineLength = 16;
const mostLines = 2_000;
/** The minimum length of a line of a key, which is random and may be a short last one. */
const minKeyLineLength = 8;
/** The maximum nesting of values in values, such as a value in a line of a document in base64 in a Basic credential. */
const mostNested = 3;
/** The maximum length of a value with printed variants; longer ones are printed in pieces. */
const longestVaried = 4_096;

/**
 * Returns the parts of a value that are searched: every string, number and byte sequence in it, unchanged and without outer
 * white space; of a text also the strings of its JSON, the passwords of its connection string and its lines. Returns none if
 * the policy excludes all. A Secret of this package is read without revealing it.
 */
export function* partsOf(
  value: string | Uint8Array | Secret<unknown>,
  masks: Masks,
  isDocument?: boolean,
): Generator<Part> {
  if (masks === "never") return;
  if (isDocument) return yield* partsOfDocument(value, maskOf(masks));
  for (const one of maskedLeavesOf(contentToRegister(value), masks)) yield* partsOfLeaf(one.leaf, one.masks);
}

/** Whether any part of a value would be masked. If not, operators should be informed, by the name of the secret only. */
export function isMaskable(value: string | Uint8Array | Secret<unknown>, masks: Masks): boolean {
  return partsOf(value, masks).next().done !== true;
}

/** Returns the part of JSON whose strings are registered separately. */
function* partsOfDocument(value: unknown, mask: Mask): Generator<Part> {
  const text = typeof value === "string" ? value : isBytes(value) ? textOf(value) : undefined;
  const trimmed = text?.trim() ?? "";
  if (isMaskableText(trimmed, mask)) yield whole(trimmed, true, false);
}

function* partsOfLeaf(leaf: string | Uint8Array, masks: Masks): Generator<Part> {
  const text = typeof leaf === "string" ? leaf : textOf(leaf);
  if (text !== undefined) yield* partsOfText(text, masks, 0, 0);
  else if (isMaskableText(Buffer.from(leaf as Uint8Array).toString("latin1"), maskOf(masks))) {
    yield whole(leaf, false, false);
  }
}

/**
 * Returns the parts of a text.
 * @param depth the depth of JSON in JSON
 * @param nested the number of values around this one
 */
function* partsOfText(text: string, masks: Masks, depth: number, nested: number): Generator<Part> {
  if (masks === "never") return;
  const trimmed = text.trim();
  const document = depth < maxDepth ? jsonDocumentIn(trimmed) : undefined;
  const ofMembers = document === undefined ? [] : [...partsOfMembers(trimmed, document, masks, depth, nested)];
  if (isMaskableText(trimmed, maskOf(masks))) {
    const isWord = isMaskedAsWord(trimmed);
    yield whole(trimmed, ofMembers.length > 0, isWord);
    if (trimmed !== text) yield asItIs(text, isWord);
    // Letters in another case have different bytes if they are not ASCII, or if the text is escaped.
    if (/[^\w./=:-]/.test(trimmed)) for (const cased of casesOf(trimmed)) yield asItIs(cased, isWord);
    // If the canonical view is too short, the escaped variants are searched literally.
    if (canonicalBytes(trimmed).length < minCanonicalLength)
      for (const escaped of escapedVariants(trimmed)) yield asItIs(escaped, isWord);
    if (trimmed.length <= longestVaried) for (const printed of printedVariants(trimmed)) yield asItIs(printed, isWord);
  }
  yield* ofMembers;
  // `isMaskable` needs none of these.
  if (document === undefined && depth < maxDepth) yield* partsWithin(trimmed, maskOf(masks), depth, nested);
}

function* partsOfMembers(text: string, document: object, masks: Masks, depth: number, nested: number): Generator<Part> {
  for (const one of maskedLeavesOf(document, masks)) yield* partsOfText(String(one.leaf), one.masks, depth + 1, nested);
  for (const repeated of repeatedStringsIn(text, document))
    yield* partsOfText(repeated, maskOf(masks), maxDepth, nested);
}

/** Returns the parts of a text that is not JSON. */
function* partsWithin(text: string, mask: Mask, depth: number, nested: number): Generator<Part> {
  if (nested < mostNested) for (const value of innerValues(text)) yield* partsOfText(value, mask, depth, nested + 1);
  const lines = text.split(/[\r\n]+/, mostLines).map((line) => line.trim());
  const long = lines.length < 2 ? [] : lines.filter(isLineOfItsOwn);
  for (const line of new Set([...linesOfKeysIn(text), ...long]))
    if (isMaskableText(line, mask)) yield asItIs(line, false);
}

function isLineOfItsOwn(line: string): boolean {
  return line.length >= minLineLength && !line.startsWith("-----") && !isPlainSetting(line);
}

/** Returns the lines of keys in PEM; in an environment variable they often end in `\n` or a space. */
function linesOfKeysIn(text: string): readonly string[] {
  const [, ...keys] = text.split("-----BEGIN ");
  const bodies = keys.map((key) => key.split("-----")[1] ?? "");
  return bodies
    .flatMap((body) => body.split(/(?:\s|\\[rn])+/, mostLines))
    .filter((line) => line.length >= minKeyLineLength && /^[A-Za-z0-9+/=]+$/.test(line));
}

function whole(content: string | Uint8Array, isDocument: boolean, isWord: boolean): Part {
  return { content, isWhole: true, isDocument, isWord };
}

function asItIs(content: string, isWord: boolean): Part {
  return { content, isWhole: false, isDocument: false, isWord };
}

function casesOf(text: string): readonly string[] {
  return [text.toUpperCase(), text.toLowerCase()].filter((cased) => cased !== text);
}

function escapedVariants(text: string): readonly string[] {
  const html = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const entities = text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  const variants = [
    JSON.stringify(text).slice(1, -1),
    percentEncoded(text),
    html,
    entities,
    entities.replaceAll("'", "&#39;"),
  ];
  return [...new Set(variants)].filter((variant) => variant !== text);
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Returns the JSON object or list that a text contains; undefined if it is not valid. The text of the error is dropped. */
function jsonDocumentIn(text: string): object | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the strings of repeated members, of which parsing keeps only the last. */
function repeatedStringsIn(json: string, document: object): readonly string[] {
  const values: string[] = [];
  for (const { start, end, isString } of jsonTokens(json)) {
    if (isString && !/^\s*:/.test(json.slice(end + 1, end + 64)))
      values.push(JSON.parse(json.slice(start - 1, end + 1)));
  }
  const kept = new Set(Array.from(leavesOf(document), ({ leaf }) => leaf));
  return values.filter((value) => !kept.has(value));
}

/** Returns the content to register; a Secret of another library must be revealed. */
function contentToRegister(value: unknown): unknown {
  const decoded = contentOfSecret(value);
  if (decoded !== undefined) return decoded.kind === "value" ? decoded.value : decoded.bytes;
  const { reveal } = (value ?? {}) as { reveal?: unknown };
  return typeof reveal === "function" ? (reveal.call(value) as unknown) : value;
}

function textOf(bytes: Uint8Array): string | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(view) ? view.toString("utf8") : undefined;
}
