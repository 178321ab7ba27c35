import { isUtf8 } from "node:buffer";
import type { Codec, Decoded } from "./codec.ts";
import { emptyValue, notUtf8, valueBytes } from "./payload-problem.ts";

/** How `text` reads. */
export interface TextOptions {
  /** Whether a byte order mark and exactly one final line end are dropped; default true. */
  readonly trim?: boolean;
  /** Whether an empty value, or one of white space alone, is a value; default false. */
  readonly allowEmpty?: boolean;
}

/** options as text -> codec; there are four, and sharing them lets `text()` at every call mean one view */
const codecs = new Map<string, Codec<string>>();

/**
 * Reads one value as UTF-8 text, without a byte order mark and without one final `\n` or `\r\n`; inner and other outer white
 * space stays. The bytes are checked, but no string is made before the secret is revealed.
 */
export function text(options: TextOptions = {}): Codec<string> {
  const { trim = true, allowEmpty = false } = options;
  const key = `${trim} ${allowEmpty}`;
  let codec = codecs.get(key);
  if (codec === undefined) {
    codec = createTextCodec(trim, allowEmpty);
    codecs.set(key, codec);
  }
  return codec;
}

function createTextCodec(trim: boolean, allowEmpty: boolean): Codec<string> {
  return Object.freeze<Codec<string>>({
    kind: "text",
    decode(content, { reference }): Decoded<string> {
      const whole = valueBytes(content, reference, "text()");
      if (!isUtf8(whole)) throw notUtf8(reference);
      const bytes = trim ? trimmedText(whole) : whole;
      if (!allowEmpty && isBlank(bytes)) throw emptyValue(reference);
      return { kind: "text", bytes };
    },
  });
}

/** A view without a leading byte order mark and without one final line end. */
export function trimmedText(bytes: Uint8Array): Uint8Array {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let end = bytes.length;
  if (end > start && bytes[end - 1] === 0x0a) {
    end -= 1;
    if (end > start && bytes[end - 1] === 0x0d) end -= 1;
  }
  // Most values need no trimming, and a second view of the same bytes would cost as much as the first.
  return end - start === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Whether nothing but ASCII white space is there. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
