import { type Encoding, encodings } from "./encodings.ts";
import { fragmentLength, fragmentStretches, fragmentsFrom } from "./fragment.ts";
import type { Runs, UnitAt } from "./n-gram-tier.ts";
import type { Pattern } from "./pattern.ts";
import { groupEvidence, hasSketches, type Sketch, sketches } from "./sketch.ts";

/** The bits of a variant's number that select its encoding; the others are the pattern's id. */
const encodingBits = 7;
/** The number, in place of an encoding, for fragments of a pattern. */
const fragmentNumber = (1 << encodingBits) - 1;
/** The first number, in place of an encoding, for sketches. */
const firstSketch = 64;
const nGramLength = 4;
/** The minimum length of a variant that is searched. */
const minLength = 4;

/** The meaning of a number. */
export type VariantKind =
  | { readonly encoding: Encoding; readonly number: number }
  | { readonly sketch: Sketch }
  | "fragment";

const kinds: readonly (VariantKind | undefined)[] = Array.from({ length: fragmentNumber + 1 }, (_, number) => {
  if (number === fragmentNumber) return "fragment";
  const encoding = encodings[number];
  const sketch = sketches[number - firstSketch];
  return encoding !== undefined ? { encoding, number } : sketch && { sketch };
});

export function kindOf(variant: number): VariantKind {
  return kinds[variant & fragmentNumber] as VariantKind;
}

/** Returns the number of a pattern in an encoding. */
export function variantOf({ id }: Pattern, encoding: number): number {
  return (id << encodingBits) | encoding;
}

export function patternIdOf(variant: number): number {
  return variant >> encodingBits;
}

/** A pattern in an encoding that applies to it, and its length. */
export interface Variant {
  readonly variant: number;
  /** The number of the encoding. */
  readonly number: number;
  readonly encoding: Encoding;
  readonly length: number;
  readonly unitAt: UnitAt;
}

export function variantsOf(pattern: Pattern): readonly Variant[] {
  const variants: Variant[] = [];
  for (let number = 0; number < encodings.length; number++) {
    const length = pattern.lengths[number] as number;
    if (length < minLength) continue;
    const encoding = encodings[number] as Encoding;
    const unitAt: UnitAt = (index) => encoding.unitAt(pattern, index);
    variants.push({ variant: variantOf(pattern, number), number, encoding, length, unitAt });
  }
  return variants;
}

/** Returns the ranges of a pattern's sketches. */
export function sketchedStretchesOf(pattern: Pattern): readonly (Runs & { readonly sketch: Sketch })[] {
  const stretches: (Runs & { readonly sketch: Sketch })[] = [];
  for (const [number, sketch] of hasSketches(pattern) ? sketches.entries() : []) {
    const length = sketch.length(pattern);
    const { evidence: run } = sketch;
    if (length < run) continue;
    const variant = variantOf(pattern, firstSketch + number);
    const unitAt: UnitAt = (index) => sketch.unitAt(pattern, index);
    for (const [start, end] of sketch.stretches(pattern)) {
      const known = run === groupEvidence ? Math.min(length, end + nGramLength) : 0;
      stretches.push({ variant, sketch, start, end, run, known, unitAt });
    }
  }
  return stretches;
}

/** Returns those ranges and the ones whose fragments are searched. */
export function stretchesOf(pattern: Pattern): readonly Runs[] {
  const stretches = sketchedStretchesOf(pattern);
  const from = fragmentsFrom(pattern);
  if (from === undefined) return stretches;
  const variant = variantOf(pattern, fragmentNumber);
  const unitAt: UnitAt = (index) => pattern.bytes[index] as number;
  const fragments = fragmentStretches(pattern, from);
  return [
    ...stretches,
    ...fragments.map(([start, end]) => ({ variant, start, end, run: fragmentLength, known: 0, unitAt })),
  ];
}
