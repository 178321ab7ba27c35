import { isUtf8 } from "node:buffer";
import type { ParseFailures } from "./parse-errors.ts";

/**
 * Decodes the bytes of a text file; a byte order mark is dropped.
 * @throws {SecretError} INVALID_VALUE, reason `not-utf8`, also for NUL, which no text holds: ASCII in UTF-16 is UTF-8 with a NUL beside each letter
 */
export function textOf(bytes: Uint8Array, failures: Pick<ParseFailures, "other">): string {
  if (!isUtf8(bytes)) throw failures.other("not-utf8", "is not valid UTF-8", saveIt);
  if (bytes.includes(0)) throw failures.other("not-utf8", "holds NUL, as UTF-16 does", saveIt);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

const saveIt = "Save it as UTF-8; some shells and editors write UTF-16.";
