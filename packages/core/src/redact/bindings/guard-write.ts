import { isUtf8 } from "node:buffer";
import type { Redactor } from "../redactor.ts";
import { fixedLine } from "./fixed-line.ts";

const failedLine = `${fixedLine}\n`;
/** The encodings in which a string contains bytes, which may be text in turn. */
const bytesAsText: ReadonlySet<unknown> = new Set(["hex", "base64", "base64url"]);

/** Returns the text that `write` would write for these arguments; undefined if it is not UTF-8. */
export function textOfChunk([chunk, encoding]: readonly unknown[]): string | undefined {
  if (typeof chunk === "string") return typeof encoding !== "string" || isUtf8Name(encoding) ? chunk : undefined;
  if (!ArrayBuffer.isView(chunk)) return undefined;
  const bytes = bytesOf(chunk);
  return isUtf8(bytes) ? bytes.toString() : undefined;
}

/** Returns the arguments of `write` or `end` with a masked chunk; the same array if it contains no value. */
export function maskedArguments(args: unknown[], redactors: readonly Redactor[], sink: string): unknown[] {
  const [chunk, ...others] = args;
  try {
    const masked = maskedChunk(chunk, others[0], redactors, sink);
    return masked === chunk ? args : [masked, ...others];
  } catch {
    return [failedLine, ...others];
  }
}

function maskedChunk(chunk: unknown, encoding: unknown, redactors: readonly Redactor[], sink: string): unknown {
  if (ArrayBuffer.isView(chunk)) {
    return maskedBytes(bytesOf(chunk), redactors, sink) ?? chunk;
  }
  if (typeof chunk !== "string") return chunk;
  if (typeof encoding === "string" && bytesAsText.has(encoding.toLowerCase())) {
    return maskedBytes(Buffer.from(chunk, encoding as BufferEncoding), redactors, sink) ?? chunk;
  }
  return maskedText(chunk, redactors, sink);
}

/**
 * Returns masked bytes, or undefined if they contain no value. Bytes that are not text are returned unchanged except for
 * values.
 */
function maskedBytes(bytes: Buffer, redactors: readonly Redactor[], sink: string): Buffer | undefined {
  if (isUtf8(bytes)) {
    const text = bytes.toString();
    const masked = maskedText(text, redactors, sink);
    return masked === text ? undefined : Buffer.from(masked);
  }
  // These may still be text that is cut within a character.
  const raw = redactors.reduce((found, redactor) => redactor.deep(found, sink), bytes);
  if (!Buffer.isBuffer(raw)) return Buffer.from(failedLine);
  const binary = raw.toString("latin1");
  const masked = maskedText(binary, redactors, sink);
  return masked === binary && raw === bytes ? undefined : Buffer.from(masked, "latin1");
}

/** Returns the bytes of a view; none if its memory was transferred. */
function bytesOf(view: ArrayBufferView): Buffer {
  if (view.byteLength === 0) return Buffer.alloc(0);
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function isUtf8Name(encoding: string): boolean {
  return /^utf-?8$/i.test(encoding);
}

function maskedText(text: string, redactors: readonly Redactor[], sink: string): string {
  // Lines of JSON begin so, but the output of `inspect` does not.
  const isJson = text.startsWith('{"');
  return redactors.reduce(
    (masked, redactor) => (isJson ? redactor.redactJson(masked, sink) : redactor.redact(masked, sink)),
    text,
  );
}
