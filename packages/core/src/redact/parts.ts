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
/** A shorter line of a longer text stands in other texts too. */
const minLineLength = 16;
const mostLines = 2_000;
/** A line of a key is random, and may be a short last one. */
const minKeyLineLength = 8;
/** A value in a line of a document in base64 in a Basic credential; more is nobody's secret. */
const mostNested = 3;
/** A longer value is printed in pieces of its own. */
const longestVaried = 4_096;

/**
 * What is looked for of a value: every string, number and run of bytes in it, as it is and without outer white space; of a text also
 * the strings of the JSON, the passwords of the connection string and the lines that it consists of. Empty if the policy allows
 * none. A Secret of this package is read without revealing it.
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

/** Tells whether anything of a value would be masked; if not, the operator should know, by the name of the secret alone. */
export function isMaskable(value: string | Uint8Array | Secret<unknown>, masks: Masks): boolean {
  return partsOf(value, masks).next().done !== true;
}

/** Of JSON whose strings are registered on their own. */
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

/** `depth` is that of JSON in JSON; `nested` counts the values found inside of others. */
function* partsOfText(text: string, masks: Masks, depth: number, nested: number): Generator<Part> {
  if (masks === "never") return;
  const trimmed = text.trim();
  const document = depth < maxDepth ? jsonDocumentIn(trimmed) : undefined;
  const ofMembers = document === undefined ? [] : [...partsOfMembers(trimmed, document, masks, depth, nested)];
  if (isMaskableText(trimmed, maskOf(masks))) {
    const isWord = isMaskedAsWord(trimmed);
    yield whole(trimmed, ofMembers.length > 0, isWord);
    if (trimmed !== text) yield asItIs(text, isWord);
    // Cases of letters that are not ASCII, or in a text that is printed with escapes, are no encodings of the same bytes.
    if (/[^\w./=:-]/.test(trimmed)) for (const cased of casesOf(trimmed)) yield asItIs(cased, isWord);
    // Where the canonical view would leave too little of it, its escaped variants are looked for as they are.
    if (canonicalBytes(trimmed).length < minCanonicalLength)
      for (const escaped of escapedVariants(trimmed)) yield asItIs(escaped, isWord);
    if (trimmed.length <= longestVaried) for (const printed of printedVariants(trimmed)) yield asItIs(printed, isWord);
  }
  yield* ofMembers;
  // Whoever asks whether anything would be masked needs none of these.
  if (document === undefined && depth < maxDepth) yield* partsWithin(trimmed, maskOf(masks), depth, nested);
}

function* partsOfMembers(text: string, document: object, masks: Masks, depth: number, nested: number): Generator<Part> {
  for (const one of maskedLeavesOf(document, masks)) yield* partsOfText(String(one.leaf), one.masks, depth + 1, nested);
  for (const repeated of repeatedStringsIn(text, document))
    yield* partsOfText(repeated, maskOf(masks), maxDepth, nested);
}

/** Of a text that is no JSON. */
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

/** The lines of keys in PEM; in an environment variable they often end in `\n` or a blank. */
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

/** The JSON object or list that a text is; what is not valid is no document, and its text goes nowhere. */
function jsonDocumentIn(text: string): object | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Strings of members that are given twice, of which parsing keeps the last. */
function repeatedStringsIn(json: string, document: object): readonly string[] {
  const values: string[] = [];
  for (const { start, end, isString } of jsonTokens(json)) {
    if (isString && !/^\s*:/.test(json.slice(end + 1, end + 64)))
      values.push(JSON.parse(json.slice(start - 1, end + 1)));
  }
  const kept = new Set(Array.from(leavesOf(document), ({ leaf }) => leaf));
  return values.filter((value) => !kept.has(value));
}

/** A Secret of another make has no other way than to reveal itself. */
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
