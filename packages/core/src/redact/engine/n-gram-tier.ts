import { NGramFilter } from "./n-gram-filter.ts";
import { NGramTable } from "./n-gram-table.ts";
import { nGramAt, sample } from "./sample.ts";

/** Units of a variant, one at a time. */
export type UnitAt = (index: number) => number;

/** A stretch of a variant of which any `run` units in a row tell something. */
export interface Runs {
  readonly variant: number;
  readonly start: number;
  readonly end: number;
  readonly run: number;
  /** Up to here a text that has such a run goes on as the variant does; 0 where it need not. */
  readonly known: number;
  readonly unitAt: UnitAt;
}

/** Told of each place where a variant may stand. */
export interface Visitor {
  /** The n-gram at `offset` of a variant stands at `position` of the text. */
  visit(variant: number, offset: number, position: number): void;
}

/** Every how many characters four of them are looked at. */
export type Stride = 12 | 4 | 1;

/** The rarest window is looked for among this many first units. */
const mostUnitsWeighed = 300;
/** So many n-grams of a window may stand for other variants too before a rarer one is looked for. */
const fewShared = 2;
const nGramLength = 4;
/** In the place of an n-gram that comes after; a real one like it is compared in full. */
const unknown = 0;
const longestStride = 12;
/** Odd, and other than that of the filter. */
const multiplier = 0x85ebca6b;

/**
 * Finds variants by looking at four characters out of every `stride`. A variant of at least `stride + 3` units holds such a sample
 * wherever it stands, so all n-grams of one window of that length are entered, and nothing else of it.
 */
export class NGramTier {
  #stride: Stride;
  readonly #table = new NGramTable();
  readonly #filter = new NGramFilter();
  /** Each n-gram together with the one after it, which few texts have: a place in the table is rarely in the cache. */
  readonly #pairFilter = new NGramFilter();
  /** N-grams that were removed and whose bits still stand. */
  #stale = 0;

  constructor(stride: Stride) {
    this.#stride = stride;
  }

  get isEmpty(): boolean {
    return this.#table.size === 0;
  }

  get byteLength(): number {
    return this.#table.byteLength + this.#filter.byteLength + this.#pairFilter.byteLength;
  }

  /** Entries that stand. */
  get size(): number {
    return this.#table.size;
  }

  /** Whether the sample that was scanned last may have a list of numbers or of single characters in it. */
  get sawList(): boolean {
    return this.#filter.sawList;
  }

  /** Makes the stride short enough for a variant of this length; what was entered for a longer one is met more often from now on. */
  admit(length: number): void {
    if (this.#stride === longestStride && length < longestStride + nGramLength - 1) this.#stride = nGramLength;
  }

  /** Enters the rarest window of a variant, so that what many values begin with does not trigger a comparison. @param owner by which it is removed */
  add(owner: number, variant: number, length: number, unitAt: UnitAt): void {
    const weighed = Math.min(length, mostUnitsWeighed);
    const windows = weighed - nGramLength - this.#stride + 2;
    const middle = Math.min(windows >> 1, windows - 1);
    const near = nGramsOf(middle, Math.min(weighed, middle + this.#stride + 2 * nGramLength - 1), unitAt);
    // most values share nothing with others there, and to compute all of a variant is most of the work
    if (this.#shared(near) <= fewShared) return this.#putWindow(owner, variant, near, 0, middle);
    const nGrams = nGramsOf(0, weighed, unitAt);
    this.#putWindow(owner, variant, nGrams, this.#rarestWindow(nGrams), 0);
  }

  /**
   * Enters so many n-grams of a variant between two places that each run of `run` units there is met. Up to `known` the text goes on
   * as the variant does after what is met.
   */
  addRuns(owner: number, { variant, start, end, run, known, unitAt }: Runs): void {
    const nGrams = nGramsOf(start, Math.max(end, known), unitAt);
    const places = run - nGramLength + 1;
    const period = places - (places % this.#stride);
    for (let offset = 0; start + offset <= end - nGramLength; offset++) {
      if (offset % period >= this.#stride) continue;
      const isKnown = start + offset + 2 * nGramLength <= known;
      const following = isKnown ? (nGrams[offset + nGramLength] as number) : unknown;
      this.#put(owner, nGrams[offset] as number, variant, start + offset, following);
    }
  }

  /** Removes all that was entered for an owner. */
  remove(owner: number): void {
    this.#stale += this.#table.remove(owner);
  }

  /** Looks through the sample; returns how many of its places, noted in `sample.hits`, may be worth a visit. */
  scan(length: number): number {
    if (this.#stride === longestStride) return this.#mayBeFollowed(this.#filter.scanTwelfths(length));
    return this.#stride === nGramLength
      ? this.#mayBeFollowed(this.#filter.scanFourths(length))
      : this.#filter.scanEach(length);
  }

  /** Visits all that may stand at the places noted; the first character of the sample is number `base` of the text. */
  visitHits(count: number, base: number, visitor: Visitor): void {
    const { hits, words } = sample;
    const table = this.#table;
    for (let hit = 0; hit < count; hit++) {
      const at = hits[hit] as number;
      const isAligned = (at & 3) === 0;
      const nGram = isAligned ? (words[at >> 2] as number) : nGramAt(at);
      for (let entry = table.first(nGram); entry !== 0; entry = table.next(entry)) {
        const expected = table.followingOf(entry);
        if (expected === unknown || !isAligned || expected === words[(at >> 2) + 1]) {
          visitor.visit(table.variantOf(entry), table.offsetOf(entry), base + at);
        }
      }
    }
  }

  /** Enters the n-grams of one window; the first of them all is number `base` of the variant. */
  #putWindow(owner: number, variant: number, nGrams: Int32Array, start: number, base: number): void {
    for (let at = start; at < start + this.#stride; at++) {
      this.#put(owner, nGrams[at] as number, variant, base + at, nGrams[at + nGramLength] ?? unknown);
    }
  }

  /** How many n-grams of one window may stand for other variants too. By the filter alone: a place in the table is rarely in the cache. */
  #shared(nGrams: Int32Array): number {
    let shared = 0;
    for (let at = 0; at < this.#stride; at++) if (this.#filter.mayHave(nGrams[at] as number)) shared++;
    return shared;
  }

  /** Of the places noted, keeps those whose n-gram may stand before the next one, in some variant; returns how many. */
  #mayBeFollowed(count: number): number {
    const { hits, words } = sample;
    const pairs = this.#pairFilter;
    let kept = 0;
    for (let hit = 0; hit < count; hit++) {
      const at = hits[hit] as number;
      const nGram = words[at >> 2] as number;
      if (pairs.mayHave(pairOf(nGram, words[(at >> 2) + 1] as number)) || pairs.mayHave(pairOf(nGram, unknown)))
        hits[kept++] = at;
    }
    return kept;
  }

  #rarestWindow(nGrams: Int32Array): number {
    const stride = this.#stride;
    const filter = this.#filter;
    const windows = nGrams.length - stride + 1;
    const isShared = new Uint8Array(nGrams.length);
    for (let at = 0; at < nGrams.length; at++) if (filter.mayHave(nGrams[at] as number)) isShared[at] = 1;
    let sum = this.#shared(nGrams);
    let [rarest, least] = [0, sum];
    for (let start = 1; start < windows; start++) {
      sum += (isShared[start + stride - 1] as number) - (isShared[start - 1] as number);
      // of equals the one nearest to the middle: beginnings and ends are often alike
      if (sum > least || (sum === least && Math.abs(2 * start - windows) > Math.abs(2 * rarest - windows))) continue;
      [rarest, least] = [start, sum];
    }
    return rarest;
  }

  #put(owner: number, nGram: number, variant: number, offset: number, following: number): void {
    this.#table.add(owner, nGram, variant, offset, following);
    if (this.#filter.isFullWith(this.#table.size + this.#stale)) this.#rebuildFilter();
    else {
      this.#filter.add(nGram);
      this.#pairFilter.add(pairOf(nGram, following));
    }
  }

  #rebuildFilter(): void {
    const filter = this.#filter;
    const pairFilter = this.#pairFilter;
    this.#stale = 0;
    filter.reset(this.#table.size);
    pairFilter.reset(this.#table.size);
    this.#table.eachEntry((nGram, following) => {
      filter.add(nGram);
      pairFilter.add(pairOf(nGram, following));
    });
  }
}

/** Two n-grams as one number, in their order. */
function pairOf(nGram: number, following: number): number {
  return nGram ^ Math.imul(following, multiplier);
}

/** Of the units between two places. Every unit is asked for once: where they are computed, that is most of the work. */
function nGramsOf(start: number, end: number, unitAt: UnitAt): Int32Array {
  const before = start + nGramLength - 1;
  const nGrams = new Int32Array(end - before);
  let nGram = 0;
  for (let at = start; at < end; at++) {
    const low = unitAt(at) & 255;
    nGram = isLittleEndian ? (nGram >>> 8) | (low << 24) : (nGram << 8) | low;
    if (at >= before) nGrams[at - before] = nGram;
  }
  return nGrams;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
