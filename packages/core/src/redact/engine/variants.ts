import { type Encoding, encodings } from "./encodings.ts";
import { fragmentLength, fragmentStretches, fragmentsFrom } from "./fragment.ts";
import type { Runs, UnitAt } from "./n-gram-tier.ts";
import type { Pattern } from "./pattern.ts";
import { groupEvidence, hasSketches, type Sketch, sketches } from "./sketch.ts";

/** A variant is a pattern in an encoding, as one number. */
const encodingBits = 7;
/** The number of what stands for an encoding where any part of a pattern counts. */
const fragmentNumber = (1 << encodingBits) - 1;
/** From here on the numbers of an encoding are those of sketches. */
const firstSketch = 64;
const nGramLength = 4;
/** Below it nothing is looked for. */
const minLength = 4;

/** What a number stands for. */
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

/** The number of a pattern in an encoding. */
export function variantOf({ id }: Pattern, encoding: number): number {
  return (id << encodingBits) | encoding;
}

export function patternIdOf(variant: number): number {
  return variant >> encodingBits;
}

/** A pattern in an encoding that has room for it, and how long it is there. */
export interface Variant {
  readonly variant: number;
  /** That of the encoding. */
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

/** The stretches of the sketches of a pattern. */
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

/** Those too whose fragments count. */
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
