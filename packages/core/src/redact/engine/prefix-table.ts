import type { Encoding } from "./encodings.ts";
import type { Pattern } from "./pattern.ts";
import type { PatternIndex } from "./pattern-index.ts";

/** The beginning of a variant at the very end of a text. */
export interface PartialMatch {
  readonly start: number;
  readonly pattern: Pattern;
}

interface Variant {
  readonly pattern: Pattern;
  readonly encoding: Encoding;
  readonly length: number;
}

/** No variant is shorter. */
const nGramLength = 4;

/** Finds out whether a text ends in the middle of a variant. Made anew on first use after the patterns have changed. */
export class PrefixTable {
  readonly #index: PatternIndex;
  #revision = -1;
  /** first four units -> variants that begin so */
  #variants = new Map<number, Variant[]>();
  /** first one, two or three units -> one variant that begins so */
  #beginnings = new Map<number, Variant>();
  /** Whether some variant begins with two units, by their low bytes: most places of a text are passed over by it. */
  readonly #pairs = new Uint8Array(65_536);
  #longest = 0;

  constructor(index: PatternIndex) {
    this.#index = index;
  }

  /** Units of the longest variant. */
  get longest(): number {
    this.#refresh();
    return this.#longest;
  }

  /** The earliest place from which the rest of the text, at least `minLength` of it, is the beginning of a variant. */
  partialMatch(text: string, minLength = 1): PartialMatch | undefined {
    this.#refresh();
    for (let start = Math.max(0, text.length - this.#longest + 1); start <= text.length - minLength; start++) {
      if (this.#pairs[pairOf(text.charCodeAt(start), text.charCodeAt(start + 1))] === 0 && start < text.length - 1)
        continue;
      const variant = this.#variantAt(text, start);
      if (variant !== undefined) return { start, pattern: variant.pattern };
    }
    return undefined;
  }

  #variantAt(text: string, start: number): Variant | undefined {
    const rest = text.length - start;
    const key = keyOf(Math.min(rest, nGramLength), (index) => text.charCodeAt(start + index));
    if (rest < nGramLength) {
      const variant = this.#beginnings.get(key);
      return variant !== undefined && begins(variant, text, start) ? variant : undefined;
    }
    return this.#variants.get(key)?.find((variant) => variant.length > rest && begins(variant, text, start));
  }

  #refresh(): void {
    if (this.#revision === this.#index.revision) return;
    this.#revision = this.#index.revision;
    this.#variants = new Map();
    this.#beginnings = new Map();
    this.#pairs.fill(0);
    this.#longest = 0;
    for (const variant of this.#index.allVariants()) this.#enter(variant);
  }

  #enter(variant: Variant): void {
    this.#pairs[pairOf(variant.encoding.unitAt(variant.pattern, 0), variant.encoding.unitAt(variant.pattern, 1))] = 1;
    this.#longest = Math.max(this.#longest, variant.length);
    const key = (length: number) => keyOf(length, (index) => variant.encoding.unitAt(variant.pattern, index));
    for (let length = 1; length < nGramLength; length++) this.#beginnings.set(key(length), variant);
    const alike = this.#variants.get(key(nGramLength));
    if (alike === undefined) this.#variants.set(key(nGramLength), [variant]);
    else alike.push(variant);
  }
}

function pairOf(first: number, second: number): number {
  return ((first & 255) << 8) | (second & 255);
}

/** Up to four units as one number; units above 16 bits are none. */
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
