import { base64Length, base64UnitAt } from "./base64-unit.ts";
import { bytesOf, hexUnitAt, rawLength, rawUnitAt } from "./encodings.ts";
import { fragmentsFrom } from "./fragment.ts";
import type { Pattern } from "./pattern.ts";

/**
 * A stretch of a pattern, in one way of printing it, that tells where it stands in pieces: between quotes and colours, or in groups
 * of digits. Only then the text is looked through for hidden variants.
 */
export interface Sketch {
  /** The number of consecutive characters that are evidence. */
  readonly evidence: number;
  /** Returns the length in UTF-16 units; 0 if it does not apply. */
  length(pattern: Pattern): number;
  unitAt(pattern: Pattern, index: number): number;
  /** Returns the ranges whose n-grams are entered: the first unit, and the end. */
  stretches(pattern: Pattern): readonly (readonly [start: number, end: number])[];
}

/** Any seven consecutive characters contain four at a multiple of four. */
const minEvidence = 7;
/** Any fifteen consecutive characters contain four at a multiple of twelve. */
export const groupEvidence = 15;
/** The length of which one break leaves seven characters in one piece, as do groups of eight. */
const head = 2 * minEvidence - 1;
const minBytes = 8;
/** The maximum length of a sketched token; of a longer one, one break leaves a part that is found as a fragment. */
const longestSketched = 31;

/** Beginnings that many values and other texts share. */
const commonBeginning = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/|-----[^\n]*\n?|eyJ[\w-]*\.(?:[\w-]*\.)?)/i;

const raw: Sketch = {
  evidence: minEvidence,
  length: (pattern) =>
    pattern.bytes.length > longestSketched && fragmentsFrom(pattern) !== undefined ? 0 : rawLength(pattern),
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

/** The sketches by number; the order never changes while a process runs. */
export const sketches: readonly Sketch[] = [
  raw,
  hexGroups(1, 0, false),
  hexGroups(1, 0, true),
  hexGroups(2, 0, false),
  hexGroups(2, 1, false),
  hexGroups(4, 0, false),
  base64Groups(8),
];

/** Whether a pattern is searched in pieces; the strings of a document and the lines of a text are searched separately. */
export function hasSketches({ isWhole, isDocument, isWord, bytes }: Pattern): boolean {
  return isWhole && !isDocument && !isWord && bytes.length >= minBytes;
}

/** Returns the length of the beginning that a pattern shares with other texts; 0 if little follows it. */
export function beginningOf(pattern: Pattern): number {
  const length = rawLength(pattern);
  const first = String.fromCharCode(
    ...Array.from({ length: Math.min(length, 400) }, (_, index) => rawUnitAt(pattern, index)),
  );
  const common = commonBeginning.exec(first)?.[0].length ?? 0;
  return length - common < head ? 0 : common;
}

/**
 * Creates the sketch of bytes in hex, in groups of a size with a space between them; the first group begins with `before` other
 * bytes.
 */
function hexGroups(size: number, before: number, isUpper: boolean): Sketch {
  const cycle = 2 * size + 1;
  const from = 2 * before;
  return {
    evidence: groupEvidence,
    length({ bytes }) {
      if (isUpper && !bytes.subarray(0, groupEvidence).some((byte) => (byte & 15) > 9 || byte >> 4 > 9)) return 0;
      return 2 * bytes.length + Math.floor((before + bytes.length - 1) / size);
    },
    unitAt(pattern, index) {
      const place = (from + index) % cycle;
      if (place === cycle - 1) return blank;
      return hexUnitAt(pattern, 2 * size * Math.floor((from + index) / cycle) + place - from, isUpper);
    },
    stretches: () => [[0, groupEvidence]],
  };
}

/** Creates the sketch of base64 in groups of a size. */
function base64Groups(size: number): Sketch {
  const encoded = ({ bytes }: Pattern) => base64Length(bytes.length, 0);
  return {
    evidence: groupEvidence,
    length: (pattern) => encoded(pattern) + Math.floor((encoded(pattern) - 1) / size),
    unitAt(pattern, index) {
      const place = index % (size + 1);
      if (place === size) return blank;
      return base64UnitAt(bytesOf, pattern, 0, "standard", size * Math.floor(index / (size + 1)) + place);
    },
    stretches: () => [[0, groupEvidence]],
  };
}

const blank = 0x20;
