import type { Encoding } from "./encodings.ts";
import type { Pattern } from "./pattern.ts";
import type { PatternIndex } from "./pattern-index.ts";

/** The beginning of a variant at the end of a text. */
export interface PartialMatch {
  readonly start: number;
  readonly pattern: Pattern;
  /** The characters before it that this variant drops, and those that an escape contains. */
  readonly droppedBefore: number;
  readonly takenBefore: number;
}

interface Variant {
  readonly pattern: Pattern;
  readonly encoding: Encoding;
  readonly length: number;
  /** The first four units as one number; then the first one, two and three. */
  readonly key: number;
  readonly shortKeys: readonly number[];
  readonly pair: number;
}

/** The minimum length of a variant. */
const nGramLength = 4;

/** Finds the beginning of a variant at the end of a text. It is updated at the first use after a change of the patterns. */
export class PrefixTable {
  readonly #index: PatternIndex;
  #revision = -1;
  readonly #patterns = new Map<Pattern, readonly Variant[]>();
  /** First four units -> variants that begin with them. */
  readonly #variants = new Map<number, readonly Variant[]>();
  /** First one, two or three units -> variants that begin with them. */
  readonly #beginnings = new Map<number, Set<Variant>>();
  /** The number of variants by the low bytes of their first two units, which excludes most positions of a text. */
  readonly #pairs = new Uint32Array(65_536);
  #longest = 0;
  /** Whether any variant so far begins with characters that the canonical view drops. */
  #mayBeginDropped = false;

  constructor(index: PatternIndex) {
    this.#index = index;
  }

  /** The length of the longest variant so far, in units. */
  get longest(): number {
    this.#refresh();
    return this.#longest;
  }

  /** Whether a value may begin with characters that the canonical view drops, such as a quote. */
  get mayBeginDropped(): boolean {
    this.#refresh();
    return this.#mayBeginDropped;
  }

  /** Returns the earliest position from which the rest of the text, at least `minLength` units, is the beginning of a variant. */
  partialMatch(text: string, minLength = 1): PartialMatch | undefined {
    this.#refresh();
    for (let start = Math.max(0, text.length - this.#longest + 1); start <= text.length - minLength; start++) {
      if (this.#pairs[pairOf(text.charCodeAt(start), text.charCodeAt(start + 1))] === 0 && start < text.length - 1)
        continue;
      const variant = this.#variantAt(text, start);
      if (variant !== undefined) return { start, pattern: variant.pattern, ...leadOf(variant) };
    }
    return undefined;
  }

  #variantAt(text: string, start: number): Variant | undefined {
    const rest = text.length - start;
    if (rest < nGramLength) {
      const alike = this.#beginnings.get(keyOf(rest, (index) => text.charCodeAt(start + index)));
      for (const variant of alike ?? []) if (begins(variant, text, start)) return variant;
      return undefined;
    }
    const alike = this.#variants.get(keyOf(nGramLength, (index) => text.charCodeAt(start + index)));
    return alike?.find((variant) => variant.length > rest && begins(variant, text, start));
  }

  #refresh(): void {
    if (this.#revision === this.#index.revision) return;
    this.#revision = this.#index.revision;
    for (const [pattern, variants] of this.#patterns) {
      if (this.#index.has(pattern)) continue;
      this.#patterns.delete(pattern);
      for (const variant of variants) this.#forget(variant);
    }
    for (const pattern of this.#index.patterns()) if (!this.#patterns.has(pattern)) this.#enter(pattern);
  }

  #enter(pattern: Pattern): void {
    const variants = Array.from(this.#index.variantsOf(pattern), ({ encoding, length }): Variant => {
      const unitAt = (index: number) => encoding.unitAt(pattern, index);
      const shortKeys = [1, 2, 3].map((count) => keyOf(count, unitAt));
      return {
        pattern,
        encoding,
        length,
        key: keyOf(nGramLength, unitAt),
        shortKeys,
        pair: pairOf(unitAt(0), unitAt(1)),
      };
    });
    this.#patterns.set(pattern, variants);
    this.#mayBeginDropped ||= pattern.droppedBefore > 0;
    for (const variant of variants) {
      this.#pairs[variant.pair] = (this.#pairs[variant.pair] as number) + 1;
      this.#longest = Math.max(this.#longest, variant.length);
      this.#variants.set(variant.key, [...(this.#variants.get(variant.key) ?? []), variant]);
      for (const key of variant.shortKeys) {
        const alike = this.#beginnings.get(key);
        if (alike === undefined) this.#beginnings.set(key, new Set([variant]));
        else alike.add(variant);
      }
    }
  }

  #forget(variant: Variant): void {
    this.#pairs[variant.pair] = (this.#pairs[variant.pair] as number) - 1;
    const others = this.#variants.get(variant.key)?.filter((other) => other !== variant) ?? [];
    if (others.length > 0) this.#variants.set(variant.key, others);
    else this.#variants.delete(variant.key);
    for (const key of variant.shortKeys) this.#beginnings.get(key)?.delete(variant);
  }
}

function leadOf({ pattern, encoding }: Variant): Pick<PartialMatch, "droppedBefore" | "takenBefore"> {
  const { droppedBefore, takenBefore } = encoding.trimmed?.(pattern) ?? { ...pattern, takenBefore: 0 };
  return { droppedBefore, takenBefore };
}

function pairOf(first: number, second: number): number {
  return ((first & 255) << 8) | (second & 255);
}

/** Returns up to four units as one number. */
function keyOf(length: number, unitAt: (index: number) => number): number {
  let key = length;
  for (let index = 0; index < length; index++) key = key * 2_048 + (unitAt(index) & 2_047);
  return key;
}

function begins({ pattern, encoding }: Variant, text: string, start: number): boolean {
  for (let at = start; at < text.length; at++) {
    if (text.charCodeAt(at) !== encoding.unitAt(pattern, at - start)) return false;
  }
  return true;
}
