import {
  type Alphabet,
  type ByteSource,
  base64Edges,
  base64Length,
  base64Source,
  base64UnitAt,
} from "./base64-unit.ts";
import { mostTrimmed, type Pattern, type TrimmedVariant } from "./pattern.ts";

/** The encoding in which a value was found. */
export type EncodingName =
  | "raw"
  | "escaped"
  | "upper-case"
  | "lower-case"
  | "hex"
  | "base64"
  | "bytes"
  | "characters"
  | "cut"
  | "fragment";

/** One way of printing a pattern. Its units are computed from the pattern's bytes one at a time. */
export interface Encoding {
  readonly name: EncodingName;
  /** Returns the length in UTF-16 units; 0 if the encoding does not apply or equals another one. */
  length(pattern: Pattern): number;
  unitAt(pattern: Pattern, index: number): number;
  /** Returns the variant whose units lack the first or last characters of the pattern. */
  trimmed?(pattern: Pattern): TrimmedVariant | undefined;
  /** Whether the base64 characters before and after the units also contain bits of the value. */
  edges?(pattern: Pattern): { readonly left: boolean; readonly right: boolean };
}

/** The minimum length of an encoded variant; shorter ones would be found by chance. */
const minEncodedLength = 8;
const hexDigits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const upperHexDigits = Uint8Array.from("0123456789ABCDEF", (digit) => digit.charCodeAt(0));

export const bytesOf: ByteSource<Pattern> = {
  length: (pattern) => pattern.bytes.length,
  byteAt: (pattern, index) => pattern.bytes[index] as number,
};

/** The bytes in UTF-16, which PowerShell's `-EncodedCommand` and Windows APIs use. */
const utf16Of: ByteSource<Pattern> = {
  length: (pattern) => (!pattern.isText ? 0 : (pattern.units?.length ?? 2 * pattern.bytes.length - 1)),
  byteAt: ({ units, bytes }, index) => {
    if (units !== undefined) return units[index] as number;
    return index % 2 === 0 ? (bytes[index >> 1] as number) : 0;
  },
};

/** The bytes in Latin-1, which `btoa` uses; they differ from UTF-8 for text that is not ASCII. */
const latin1Of: ByteSource<Pattern> = {
  length: ({ units, isLatin1 }) => (units !== undefined && isLatin1 ? units.length / 2 : 0),
  byteAt: ({ units }, index) => units?.[2 * index] as number,
};

const jsonOf: ByteSource<Pattern> = {
  length: (pattern) => pattern.json?.length ?? 0,
  byteAt: (pattern, index) => pattern.json?.[index] as number,
};

const raw: Encoding = { name: "raw", length: rawLength, unitAt: rawUnitAt };

export function rawLength({ units, bytes }: Pattern): number {
  return units === undefined ? bytes.length : units.length / 2;
}

export function rawUnitAt({ units, bytes }: Pattern, index: number): number {
  if (units === undefined) return bytes[index] as number;
  return (units[2 * index] as number) | ((units[2 * index + 1] as number) << 8);
}

/** Returns a hex digit of the bytes. */
export function hexUnitAt({ bytes }: Pattern, index: number, isUpper: boolean): number {
  return (isUpper ? upperHexDigits : hexDigits)[nibbleAt(bytes, index)] as number;
}

/** The UTF-8 bytes of a text that is not ASCII, one character per byte, as in binary output and in the canonical view. */
const utf8: Encoding = {
  name: "escaped",
  length: ({ units, bytes }) => (units === undefined ? 0 : bytes.length),
  unitAt: ({ bytes }, index) => bytes[index] as number,
};

const canonical: Encoding = {
  name: "escaped",
  length: (pattern) => pattern.canonical?.length ?? 0,
  unitAt: (pattern, index) => pattern.canonical?.[index] as number,
};

/**
 * The canonical form of a text with plus signs for spaces, as in forms and queries; the view keeps plus signs between other
 * characters.
 */
const formEncoded: Encoding = {
  name: "escaped",
  length: (pattern) => pattern.formEncoded?.length ?? 0,
  unitAt: (pattern, index) => pattern.formEncoded?.[index] as number,
};

const hex: Encoding = {
  name: "hex",
  length: ({ isWhole, bytes }) => (isWhole ? encoded(2 * bytes.length) : 0),
  unitAt: (pattern, index) => hexUnitAt(pattern, index, false),
};

const upperHex: Encoding = {
  name: "hex",
  length: (pattern) => (pattern.bytes.some((byte) => (byte & 15) > 9 || byte >> 4 > 9) ? hex.length(pattern) : 0),
  unitAt: (pattern, index) => hexUnitAt(pattern, index, true),
};

/** The encodings by number; the order never changes while a process runs. */
export const encodings: readonly Encoding[] = [
  raw,
  utf8,
  canonical,
  formEncoded,
  ...Array.from({ length: mostTrimmed }, (_, number) => trimmed(number)),
  cased("upper-case", 0x61),
  cased("lower-case", 0x41),
  hex,
  upperHex,
  ...[0, 1, 2].flatMap((alignment) => [
    base64(bytesOf, alignment, "standard"),
    base64(bytesOf, alignment, "urlSafe"),
    base64(utf16Of, alignment, "standard"),
    base64(jsonOf, alignment, "standard"),
    base64(jsonOf, alignment, "urlSafe"),
    base64(latin1Of, alignment, "standard"),
  ]),
  // Values that are encoded twice rarely have other content before them.
  base64(base64Source(bytesOf), 0, "standard"),
];

function trimmed(number: number): Encoding {
  return {
    name: "escaped",
    length: (pattern) => pattern.trimmed[number]?.bytes.length ?? 0,
    unitAt: (pattern, index) => pattern.trimmed[number]?.bytes[index] as number,
    trimmed: (pattern) => pattern.trimmed[number],
  };
}

function base64(source: ByteSource<Pattern>, alignment: number, alphabet: Alphabet): Encoding {
  const unitAt = (pattern: Pattern, index: number) => base64UnitAt(source, pattern, alignment, alphabet, index);
  const differs = (pattern: Pattern, length: number) => {
    if (!mayDiffer(source, pattern)) return false;
    for (let index = 0; index < length; index++) if (isUrlSafeOnly(unitAt(pattern, index))) return true;
    return false;
  };
  return {
    name: "base64",
    length(pattern) {
      const length = pattern.isWhole ? encoded(base64Length(source.length(pattern), alignment)) : 0;
      return alphabet === "urlSafe" && !differs(pattern, length) ? 0 : length;
    },
    unitAt,
    edges: (pattern) => base64Edges(source.length(pattern), alignment),
  };
}

/** Whether a pattern may contain a character that differs between the alphabets. */
function mayDiffer(source: ByteSource<Pattern>, pattern: Pattern): boolean {
  for (let index = source.length(pattern) - 1; index >= 0; index--) {
    const byte = source.byteAt(pattern, index);
    if (byte >= 0x80 || (byte & 0x3f) >= 0x3e) return true;
  }
  return false;
}

/** Creates an encoding with ASCII letters in one case, as in names of headers and hosts; other letters stay unchanged. */
function cased(name: "upper-case" | "lower-case", firstChanged: number): Encoding {
  const isChanged = (byte: number) => byte >= firstChanged && byte < firstChanged + 26;
  return {
    name,
    length: ({ isText, isWhole, units, bytes }) =>
      isText && isWhole && units === undefined && bytes.some(isChanged) ? encoded(bytes.length) : 0,
    unitAt({ bytes }, index) {
      const byte = bytes[index] as number;
      return isChanged(byte) ? byte ^ 0x20 : byte;
    },
  };
}

function encoded(length: number): number {
  return length < minEncodedLength ? 0 : length;
}

function nibbleAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index >> 1] as number;
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}

function isUrlSafeOnly(unit: number): boolean {
  return unit === 0x2d || unit === 0x5f;
}
