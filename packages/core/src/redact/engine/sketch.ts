import { base64Length, base64UnitAt } from "./base64-unit.ts";
import { bytesOf, hexUnitAt, latin1Of, rawLength, rawUnitAt, utf16Of } from "./encodings.ts";
import type { Pattern } from "./pattern.ts";

/**
 * A few places of a pattern, in one way of printing it, that tell where it stands in pieces: between quotes, blanks, colours or in
 * groups of digits. Seven characters of it in a row are evidence, and only then the text is looked through for hidden variants.
 */
export interface Sketch {
  /** In UTF-16 units; 0 where it does not apply. */
  length(pattern: Pattern): number;
  unitAt(pattern: Pattern, index: number): number;
  /** The stretches whose n-grams are entered: first unit, and the unit after the last one. */
  stretches(pattern: Pattern): readonly (readonly [start: number, end: number])[];
}

/** Any seven characters in a row hold four whose place in the text is a multiple of four. */
export const minEvidence = 7;
/** A break anywhere in so many characters leaves seven of them in one piece, and so do groups of eight. */
const head = 2 * minEvidence - 1;
const minBytes = 8;

/** Beginnings that many values share and that other texts have too. */
const commonBeginning = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/|-----[^\n]*\n?|eyJ[\w-]*\.(?:[\w-]*\.)?)/i;

const raw: Sketch = {
  length: rawLength,
  unitAt: rawUnitAt,
  stretches(pattern) {
    const length = rawLength(pattern);
    const start = beginningOf(pattern);
    if (length - start <= head + 2 * minEvidence) return [[start, length]];
    // more than one break may have left too little of the beginning
    const middle = Math.floor((start + head + length) / 2);
    return [
      [start, start + head],
      [middle - minEvidence, middle],
      [length - minEvidence, length],
    ];
  },
};

/** Names that a pattern's variants have in the table; the order never changes while a process runs. */
export const sketches: readonly Sketch[] = [
  raw,
  hexGroups(Number.POSITIVE_INFINITY, 0, false, head),
  hexGroups(Number.POSITIVE_INFINITY, 0, true, head),
  hexGroups(1, 0, false, minEvidence),
  hexGroups(1, 0, true, minEvidence),
  hexGroups(2, 0, false, minEvidence + 1),
  hexGroups(2, 1, false, minEvidence + 1),
  ...[0, 1, 2].map((alignment) => base64Sketch(bytesOf, alignment)),
  base64Sketch(utf16Of, 0),
  ...[0, 1, 2].map((alignment) => base64Sketch(latin1Of, alignment)),
];

/** Whether a pattern is found in pieces: a document's own strings are, and so are the lines of a text. */
export function hasSketches({ isWhole, isDocument, isWord, bytes }: Pattern): boolean {
  return isWhole && !isDocument && !isWord && bytes.length >= minBytes;
}

/** How much of a pattern begins as other texts do too; nothing where there is little behind it. */
export function beginningOf(pattern: Pattern): number {
  const length = rawLength(pattern);
  const first = String.fromCharCode(
    ...Array.from({ length: Math.min(length, 400) }, (_, index) => rawUnitAt(pattern, index)),
  );
  const common = commonBeginning.exec(first)?.[0].length ?? 0;
  return length - common < head ? 0 : common;
}

/** Bytes in hex, so many in a group and a blank between groups; `before` bytes of something else stand in the first group. */
function hexGroups(size: number, before: number, isUpper: boolean, units: number): Sketch {
  const cycle = 2 * size + 1;
  const from = 2 * before;
  return {
    length({ bytes }) {
      if (isUpper && !bytes.subarray(0, units).some((byte) => (byte & 15) > 9 || byte >> 4 > 9)) return 0;
      return size === Number.POSITIVE_INFINITY ? 2 * bytes.length : groupedLength(bytes.length, size, before);
    },
    unitAt(pattern, index) {
      if (size === Number.POSITIVE_INFINITY) return hexUnitAt(pattern, index, isUpper);
      const place = (from + index) % cycle;
      if (place === cycle - 1) return 0x20;
      return hexUnitAt(pattern, 2 * size * Math.floor((from + index) / cycle) + place - from, isUpper);
    },
    stretches(pattern) {
      return [[0, Math.min(this.length(pattern), units)]];
    },
  };
}

function groupedLength(bytes: number, size: number, before: number): number {
  return 2 * bytes + Math.floor((before + bytes - 1) / size);
}

function base64Sketch(source: typeof bytesOf, alignment: number): Sketch {
  const length = (pattern: Pattern) => base64Length(source.length(pattern), alignment);
  return {
    length: (pattern) => (length(pattern) < head ? 0 : length(pattern)),
    unitAt: (pattern, index) => base64UnitAt(source, pattern, alignment, "standard", index),
    stretches: () => [[0, head]],
  };
}
