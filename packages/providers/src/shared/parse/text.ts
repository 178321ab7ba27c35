import { isUtf8 } from "node:buffer";
import type { ParseFailures } from "./parse-errors.ts";

/**
 * Decodes the bytes of a text file, without its byte order mark.
 * @throws {SecretError} INVALID_VALUE `not-utf8`, also for NUL: ASCII text in UTF-16 is valid UTF-8 with a NUL next to each letter
 */
export function textOf(bytes: Uint8Array, failures: Pick<ParseFailures, "other">): string {
  if (!isUtf8(bytes)) throw failures.other("not-utf8", "is not valid UTF-8", saveIt);
  if (bytes.includes(0)) throw failures.other("not-utf8", "contains NUL, as UTF-16 does", saveIt);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Removes spaces and tabs at both ends. A regular expression would take quadratic time for long runs of them within the text. */
export function withoutBlanksAround(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

const saveIt = "Save it as UTF-8; some shells and editors write UTF-16.";
