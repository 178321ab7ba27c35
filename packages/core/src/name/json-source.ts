import { isUtf8 } from "node:buffer";
import { SecretError } from "../error/secret-error.ts";

/** Whose bytes are read, for messages. */
export interface JsonOrigin {
  readonly reference: string;
  readonly provider?: string | undefined;
}

/**
 * Reads bytes as one JSON document and returns its source text, without a byte order mark and outer white space.
 * The error of `JSON.parse` is not kept, not even as a cause: it quotes what it read.
 * @throws {SecretError} INVALID_VALUE, reason `not-utf8` or `not-json`; neither excerpt nor length nor offset
 */
export function readJsonSource(bytes: Uint8Array, origin: JsonOrigin): string {
  if (!isUtf8(bytes)) {
    throw new SecretError("INVALID_VALUE", `The value of ${origin.reference} is not valid UTF-8, so it is not JSON.`, {
      ...origin,
      reason: "not-utf8",
      tip: "Read it with bytes().",
    });
  }
  // no regular expression: RegExp.$_ would keep the last text that one matched
  const text = viewOf(bytes).toString("utf8");
  const source = (text.startsWith("\uFEFF") ? text.slice(1) : text).trim();
  if (isJson(source)) return source;
  throw new SecretError("INVALID_VALUE", `The value of ${origin.reference} is not JSON.`, {
    ...origin,
    reason: "not-json",
    tip: "Correct the value in the store, or read it whole with text().",
  });
}

/** What kind of JSON value a source text holds. */
export function jsonKind(source: string): "object" | "array" | "string" | "null" | "scalar" {
  switch (source[0]) {
    case "{":
      return "object";
    case "[":
      return "array";
    case '"':
      return "string";
    case "n":
      return "null";
    default:
      return "scalar";
  }
}

/**
 * The members of a JSON object or the elements of an array (keys "0", "1", ...), each with its own source text; of equal
 * keys the last counts, as in `JSON.parse`. Slicing the source keeps `1e400` and `12345678901234567890` as they were written,
 * and unlike a reviver (which recurses) it survives any depth. The source must be valid JSON.
 */
export function jsonChildren(source: string): Map<string, string> {
  const children = new Map<string, string>();
  const isObject = source[0] === "{";
  let at = skipSpace(source, 1);
  while (at < source.length - 1) {
    let key = String(children.size);
    if (isObject) {
      const keyEnd = skipString(source, at);
      key = JSON.parse(source.slice(at, keyEnd)) as string;
      at = skipSpace(source, skipSpace(source, keyEnd) + 1);
    }
    const end = skipValue(source, at);
    children.set(key, source.slice(at, end));
    at = skipSpace(source, end);
    if (source[at] === ",") at = skipSpace(source, at + 1);
  }
  return children;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `JSON.parse` without a reviver does not recurse, so depth is no danger here. */
function isJson(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

function skipSpace(source: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(source[at] ?? "x")) at++;
  return at;
}

function skipString(source: string, from: number): number {
  let at = from + 1;
  while (source[at] !== '"') at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

function skipValue(source: string, from: number): number {
  if (source[from] === '"') return skipString(source, from);
  let at = from;
  let depth = 0;
  do {
    const character = source[at] ?? "";
    if (character === '"') {
      at = skipString(source, at);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    at++;
  } while (depth > 0 || (isScalarPart(source[from]) && isScalarPart(source[at])));
  return at;
}

function isScalarPart(character: string | undefined): boolean {
  return character !== undefined && !"{}[], \t\n\r".includes(character);
}
