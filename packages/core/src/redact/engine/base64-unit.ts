/** Bytes that are computed one at a time, so that no encoded copy of a value is kept. */
export interface ByteSource<T> {
  length(of: T): number;
  byteAt(of: T, index: number): number;
}

const standard = codesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const urlSafe = codesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

export type Alphabet = "standard" | "urlSafe";

/**
 * Returns the number of base64 characters that some bytes determine alone if `alignment` (0, 1 or 2) unknown bytes precede them
 * in a group of three. The first and last character may also contain bits of the neighbours, and are not counted.
 */
export function base64Length(byteLength: number, alignment: number): number {
  return Math.max(0, Math.floor((8 * (alignment + byteLength)) / 6) - firstCharacter(alignment));
}

/** Returns the code of the character at an index of those. */
export function base64UnitAt<T>(
  source: ByteSource<T>,
  of: T,
  alignment: number,
  alphabet: Alphabet,
  index: number,
): number {
  const bit = 6 * (firstCharacter(alignment) + index) - 8 * alignment;
  const at = bit >> 3;
  const shift = bit & 7;
  const next = shift > 2 ? source.byteAt(of, at + 1) : 0;
  const sextet = (((source.byteAt(of, at) << 8) | next) >> (10 - shift)) & 63;
  return (alphabet === "standard" ? standard : urlSafe)[sextet] as number;
}

/** Whether the bytes partly determine the character before and the one after. */
export function base64Edges(
  byteLength: number,
  alignment: number,
): { readonly left: boolean; readonly right: boolean } {
  return { left: alignment !== 0, right: (alignment + byteLength) % 3 !== 0 };
}

/** Whether a unit is a base64 character of either alphabet. */
export function isBase64Unit(unit: number): boolean {
  return isAlphabet[unit] === 1;
}

/** Returns the base64 text of other bytes, as far as they determine it, for values that were encoded twice. */
export function base64Source<T>(source: ByteSource<T>): ByteSource<T> {
  return {
    length: (of) => base64Length(source.length(of), 0),
    byteAt: (of, index) => base64UnitAt(source, of, 0, "standard", index),
  };
}

function firstCharacter(alignment: number): number {
  return Math.ceil((8 * alignment) / 6);
}

function codesOf(alphabet: string): Uint8Array {
  return Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
}

const isAlphabet = new Uint8Array(128);
for (const code of [...standard, ...urlSafe]) isAlphabet[code] = 1;
