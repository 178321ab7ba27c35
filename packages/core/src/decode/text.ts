import type { SecretPayload } from "../contract/contract.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import type { Codec, Decoded } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { emptyValue, isText, notText, valueBytes } from "./payload-problem.ts";
import { checkSchema, isStandardSchema } from "./schema-check.ts";

/** The options of `text`. */
export interface TextOptions {
  /** Whether a byte order mark and one final line end are removed. Default: true. */
  readonly trim?: boolean;
  /** Whether an empty value, or one of only white space, is valid. Default: false. */
  readonly allowEmpty?: boolean;
}

/** options as text -> codec: views are shared by codec identity, so repeated `text()` calls must return the same one */
const codecs = new Map<string, Codec<string>>();

/**
 * Reads one value as UTF-8 text. It removes a byte order mark and one final `\n` or `\r\n`, keeps all other white space, and
 * refuses NUL. The bytes are checked at once, but the string is created only when the secret is revealed.
 */
export function text(options?: TextOptions): Codec<string>;
/** Reads one value as text in the same way and returns the output of the schema, such as a URL, a number or a branded string. */
export function text<T>(schema: StandardSchemaV1<unknown, T>, options?: TextOptions): Codec<T>;
export function text(first: TextOptions | StandardSchemaV1 = {}, second: TextOptions = {}): Codec<unknown> {
  const options = isStandardSchema(first) ? second : first;
  checkOptions("text", options, textRules);
  return isStandardSchema(first) ? createSchemaCodec(first, options) : sharedCodec(options);
}

function sharedCodec(options: TextOptions): Codec<string> {
  const { trim = true, allowEmpty = false } = options;
  const key = `${trim} ${allowEmpty}`;
  let codec = codecs.get(key);
  if (codec === undefined) {
    codec = createTextCodec(options);
    codecs.set(key, codec);
  }
  return codec;
}

const textRules = { trim: rules.flag, allowEmpty: rules.flag };

function createTextCodec(options: TextOptions): Codec<string> {
  return ownCodec<string>({
    kind: "text",
    decode: (content, { reference }): Decoded<string> => ({
      kind: "text",
      bytes: textBytes(content, reference, options),
    }),
  });
}

function createSchemaCodec(schema: StandardSchemaV1, options: TextOptions): Codec<unknown> {
  return ownCodec<unknown>({
    kind: "text",
    decode(content, context) {
      return checkSchema(schema, stringOf(textBytes(content, context.reference, options)), context);
    },
  });
}

/** @throws {SecretError} INVALID_VALUE, reasons `fields-not-value`, `not-utf8`, `nul-character`, `empty` */
function textBytes(content: SecretPayload, reference: string, options: TextOptions): Uint8Array {
  const { trim = true, allowEmpty = false } = options;
  const whole = valueBytes(content, reference, "text()");
  if (!isText(whole)) throw notText(whole, reference);
  const bytes = trim ? trimmedText(whole) : whole;
  if (!allowEmpty && isBlank(bytes)) throw emptyValue(reference);
  return bytes;
}

/** Returns a view of the bytes without a leading byte order mark and without one final line end. */
export function trimmedText(bytes: Uint8Array): Uint8Array {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let end = bytes.length;
  if (end > start && bytes[end - 1] === 0x0a) {
    end -= 1;
    if (end > start && bytes[end - 1] === 0x0d) end -= 1;
  }
  // Most values need no trimming, and a second Uint8Array costs as much as the first.
  return end - start === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Returns whether the bytes are empty or only ASCII white space. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** Decodes UTF-8 bytes without copying them first. */
export function stringOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
