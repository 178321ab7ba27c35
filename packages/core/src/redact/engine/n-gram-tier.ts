import { NGramFilter } from "./n-gram-filter.ts";
import { NGramTable } from "./n-gram-table.ts";
import { nGramAt, sample } from "./sample.ts";

/** Returns one unit of a variant. */
export type UnitAt = (index: number) => number;

/** A range of a variant of which any `run` consecutive units are evidence. */
export interface Runs {
  readonly variant: number;
  readonly start: number;
  readonly end: number;
  readonly run: number;
  /** The end of the units that follow such a run in every matching text; 0 if none have to. */
  readonly known: number;
  readonly unitAt: UnitAt;
}

/** Receives each candidate position of a variant. */
export interface Visitor {
  /** Called when the n-gram at `offset` of a variant occurs at `position` of the text. */
  visit(variant: number, offset: number, position: number): void;
}

/** The distance, in characters, of two samples of four characters. */
export type Stride = 12 | 4 | 1;

/** The number of first units among which the rarest window is searched. */
const mostUnitsWeighed = 300;
/** The maximum number of n-grams of a window that other variants may share before a rarer window is searched. */
const fewShared = 2;
const nGramLength = 4;
/** Stands for an unknown following n-gram; a real one of this value is compared completely. */
const unknown = 0;
const longestStride = 12;
/** An odd multiplier that differs from that of the filter. */
const multiplier = 0x85ebca6b;

/**
 * Finds variants by samples of four characters out of every `stride`. A variant of at least `stride + 3` units contains such a
 * sample wherever it occurs, so only the n-grams of one window of that length are entered.
 */
export class NGramTier {
  #stride: Stride;
  readonly #table = new NGramTable();
  readonly #filter = new NGramFilter();
  /** The pairs of consecutive n-grams, which few texts contain; an access to the table is rarely in the cache. */
  readonly #pairFilter = new NGramFilter();
  /** The number of removed n-grams whose bits are still set. */
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

  /** The number of entries. */
  get size(): number {
    return this.#table.size;
  }

  /** Whether the scanned sample may contain a list of numbers or of single characters. */
  get sawList(): boolean {
    return this.#filter.sawList;
  }

  /** Makes the stride short enough for a variant of this length; longer variants are then found more often. */
  admit(length: number): void {
    if (this.#stride === longestStride && length < longestStride + nGramLength - 1) this.#stride = nGramLength;
  }

  /**
   * Enters the rarest window of a variant, so that common beginnings of values do not cause comparisons.
   * @param owner the number by which it is removed
   */
  add(owner: number, variant: number, length: number, unitAt: UnitAt): void {
    const weighed = Math.min(length, mostUnitsWeighed);
    const windows = weighed - nGramLength - this.#stride + 2;
    const middle = Math.min(windows >> 1, windows - 1);
    const near = nGramsOf(middle, Math.min(weighed, middle + this.#stride + 2 * nGramLength - 1), unitAt);
    // Most values share nothing with others in the middle, and computing a whole variant would be most of the work.
    if (this.#shared(near) <= fewShared) return this.#putWindow(owner, variant, near, 0, middle);
    const nGrams = nGramsOf(0, weighed, unitAt);
    this.#putWindow(owner, variant, nGrams, this.#rarestWindow(nGrams), 0);
  }

  /**
   * Enters enough n-grams of a range of a variant that each run of `run` units in it is found. Up to `known`, a matching text
   * continues as the variant does.
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

  /** Removes all entries of an owner. */
  remove(owner: number): void {
    this.#stale += this.#table.remove(owner);
  }

  /** Scans the sample; returns the number of candidates, whose positions are noted in `sample.hits`. */
  scan(length: number): number {
    if (this.#stride === longestStride) return this.#mayBeFollowed(this.#filter.scanTwelfths(length));
    return this.#stride === nGramLength
      ? this.#mayBeFollowed(this.#filter.scanFourths(length))
      : this.#filter.scanEach(length);
  }

  /**
   * Visits all candidates at the noted positions.
   * @param base the position of the sample in the text
   */
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

  /**
   * Enters the n-grams of one window.
   * @param base the index of the first n-gram in the variant
   */
  #putWindow(owner: number, variant: number, nGrams: Int32Array, start: number, base: number): void {
    for (let at = start; at < start + this.#stride; at++) {
      this.#put(owner, nGrams[at] as number, variant, base + at, nGrams[at + nGramLength] ?? unknown);
    }
  }

  /**
   * Returns the number of n-grams of one window that other variants may share, using only the filter, because an access to the
   * table is rarely in the cache.
   */
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
      // Of equally rare windows, the one nearest to the middle is chosen, because beginnings and ends are often similar.
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

/** Returns two n-grams as one number, depending on their order. */
function pairOf(nGram: number, following: number): number {
  return nGram ^ Math.imul(following, multiplier);
}

/** Returns the n-grams of a range of units. Each unit is requested once, because computing units may be most of the work. */
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
