import {
  type Alphabet,
  type ByteSource,
  base64Edges,
  base64Length,
  base64Source,
  base64UnitAt,
} from "./base64-unit.ts";
import { type BittenForm, mostBitten, type Needle } from "./needle.ts";

/** How a needle was found to be printed. */
export type EncodingName = "raw" | "escaped" | "upper-case" | "lower-case" | "hex" | "base64" | "bytes" | "fragment";

/** One way of printing a needle. Its units are computed from the needle's bytes one at a time. */
export interface Encoding {
  readonly name: EncodingName;
  /** In UTF-16 units; 0 where it does not apply or prints what another encoding prints. */
  length(needle: Needle): number;
  unitAt(needle: Needle, index: number): number;
  /** Set where the units lack the first or last characters of the needle. */
  bitten?(needle: Needle): BittenForm | undefined;
  /** Whether a base64 character before and after the units also tells some bits. */
  edges?(needle: Needle): { readonly left: boolean; readonly right: boolean };
}

/** A form encoded below this would be found by chance. */
const minEncodedLength = 8;
const hexDigits = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const upperHexDigits = Uint8Array.from("0123456789ABCDEF", (digit) => digit.charCodeAt(0));

const bytesOf: ByteSource<Needle> = {
  length: (needle) => needle.bytes.length,
  byteAt: (needle, index) => needle.bytes[index] as number,
};

/** PowerShell's `-EncodedCommand` and Windows APIs take UTF-16. */
const utf16Of: ByteSource<Needle> = {
  length: (needle) => (!needle.isText ? 0 : (needle.units?.length ?? 2 * needle.bytes.length)),
  byteAt: ({ units, bytes }, index) => {
    if (units !== undefined) return units[index] as number;
    return index % 2 === 0 ? (bytes[index >> 1] as number) : 0;
  },
};

const jsonOf: ByteSource<Needle> = {
  length: (needle) => needle.json?.length ?? 0,
  byteAt: (needle, index) => needle.json?.[index] as number,
};

const raw: Encoding = {
  name: "raw",
  length: ({ units, bytes }) => (units === undefined ? bytes.length : units.length / 2),
  unitAt({ units, bytes }, index) {
    if (units === undefined) return bytes[index] as number;
    return (units[2 * index] as number) | ((units[2 * index + 1] as number) << 8);
  },
};

/** A text that is not ASCII, one character a byte: in binary output, and in the canonical view. */
const utf8: Encoding = {
  name: "escaped",
  length: ({ units, bytes }) => (units === undefined ? 0 : bytes.length),
  unitAt: ({ bytes }, index) => bytes[index] as number,
};

const canonical: Encoding = {
  name: "escaped",
  length: (needle) => needle.canonical?.length ?? 0,
  unitAt: (needle, index) => needle.canonical?.[index] as number,
};

/** In a form or query spaces are plus signs, which the canonical view keeps between other characters. */
const form: Encoding = {
  name: "escaped",
  length: (needle) => needle.form?.length ?? 0,
  unitAt: (needle, index) => needle.form?.[index] as number,
};

const hex: Encoding = {
  name: "hex",
  length: ({ isWhole, bytes }) => (isWhole ? encoded(2 * bytes.length) : 0),
  unitAt: ({ bytes }, index) => hexDigits[nibbleAt(bytes, index)] as number,
};

const upperHex: Encoding = {
  name: "hex",
  length: (needle) => (needle.bytes.some((byte) => (byte & 15) > 9 || byte >> 4 > 9) ? hex.length(needle) : 0),
  unitAt: ({ bytes }, index) => upperHexDigits[nibbleAt(bytes, index)] as number,
};

/** encoding -> its number; the order never changes while a process runs */
export const encodings: readonly Encoding[] = [
  raw,
  utf8,
  canonical,
  form,
  ...Array.from({ length: mostBitten }, (_, number) => bitten(number)),
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
  ]),
  // what is encoded twice is rarely encoded with something before it
  base64(base64Source(bytesOf), 0, "standard"),
];

function bitten(number: number): Encoding {
  return {
    name: "escaped",
    length: (needle) => needle.bitten[number]?.bytes.length ?? 0,
    unitAt: (needle, index) => needle.bitten[number]?.bytes[index] as number,
    bitten: (needle) => needle.bitten[number],
  };
}

function base64(source: ByteSource<Needle>, alignment: number, alphabet: Alphabet): Encoding {
  const unitAt = (needle: Needle, index: number) => base64UnitAt(source, needle, alignment, alphabet, index);
  const differs = (needle: Needle, length: number) => {
    for (let index = 0; index < length; index++) if (isUrlSafeOnly(unitAt(needle, index))) return true;
    return false;
  };
  return {
    name: "base64",
    length(needle) {
      const length = needle.isWhole ? encoded(base64Length(source.length(needle), alignment)) : 0;
      return alphabet === "urlSafe" && !differs(needle, length) ? 0 : length;
    },
    unitAt,
    edges: (needle) => base64Edges(source.length(needle), alignment),
  };
}

/** ASCII letters in one case, as header and host names are printed; other letters stay as they are. */
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
