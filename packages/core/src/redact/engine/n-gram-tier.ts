import { NGramTable } from "./n-gram-table.ts";
import { nGramOf, sample } from "./sample.ts";

/** Units of a variant, one at a time. */
export type UnitAt = (index: number) => number;

/** Told of each place where a variant may stand. */
export interface Visitor {
  /** The n-gram at `offset` of a variant stands at `position` of the text. */
  visit(variant: number, offset: number, position: number): void;
}

/** The rarest window is looked for among this many first units. */
const mostUnitsWeighed = 300;
const longestChainCounted = 4;
const nGramLength = 4;
/** In the place of an n-gram that comes after; a real one like it is compared in full. */
const unknown = 0;
/** 2^32 / golden ratio */
const multiplier = 0x9e3779b1;
/** Filter bits for each n-gram: about one sample in 40 passes by chance. */
const bitsPerNGram = 32;
/** The characters from space to `?`, which hold all digits and what separates numbers in a list. */
const numericMask = 0xe0e0e0e0 | 0;
const numeric = 0x20202020;
/** Set in digits and the colon: four of them are a part of a long number, and no list of bytes has one. */
const digitMask = 0x10101010;
/** Any list of eight numbers is as long, and so are four members of `{"0":"s","1":"3"}`. */
const listLength = 24;
/** As many stand in that length of `"10":115,"11":101,`; a long number has none. */
const leastCommas = 2;
/** Of `"10":"s","11":"3",` in that length; other JSON has longer names or values. */
const leastQuotes = 9;
const comma = 0x2c;
/** Four characters that are numbers or separate them add three; any others take one away. */
const listScore = 5;
/** Single characters by number are a fifth of such a list at most. */
const mostOthers = 5;

/**
 * Finds variants by looking at four characters out of every `stride`. A variant of at least `stride + 3` units holds such a sample
 * wherever it stands, so all n-grams of one window of that length are entered, and nothing else of it.
 */
export class NGramTier {
  readonly stride: number;
  readonly #table = new NGramTable();
  #filter = new Int32Array(2);
  #shift = 31;
  /** N-grams that were removed and whose bits still stand. */
  #stale = 0;

  constructor(stride: number) {
    this.stride = stride;
  }

  get isEmpty(): boolean {
    return this.#table.size === 0;
  }

  get byteLength(): number {
    return this.#table.byteLength + 4 * this.#filter.length;
  }

  /**
   * Enters the rarest window of a variant, so that what many values begin with does not trigger a comparison; returns where it begins,
   * by which it is removed.
   */
  add(variant: number, length: number, unitAt: UnitAt): number {
    const nGrams = nGramsOf(Math.min(length, mostUnitsWeighed), unitAt);
    const start = this.#rarestWindow(nGrams);
    for (let offset = start; offset < start + this.stride; offset++) this.#enter(nGrams, offset, variant);
    return start;
  }

  /** Enters all n-grams of a variant from one place on, so that a part of it is found too. */
  addAll(variant: number, length: number, unitAt: UnitAt, from: number): void {
    const nGrams = nGramsOf(length, unitAt);
    for (let offset = from; offset < nGrams.length; offset++) this.#enter(nGrams, offset, variant);
  }

  /** Enters all n-grams between two places; of a piece that is no longer than that, what follows them is not looked at. */
  addSketch(variant: number, start: number, end: number, length: number, unitAt: UnitAt): void {
    const known = this.stride === nGramLength ? end : Math.min(length, end + nGramLength);
    const nGrams = nGramsOf(known - start, (index) => unitAt(start + index));
    for (let offset = 0; offset <= end - start - nGramLength; offset++) {
      const following = this.stride === nGramLength ? unknown : (nGrams[offset + nGramLength] ?? unknown);
      this.#put(nGrams[offset] as number, variant, start + offset, following);
    }
  }

  /** Removes what `add` entered from one place on, or `addAll` up to the end of a variant. */
  remove(variant: number, start: number, end: number, unitAt: UnitAt): void {
    const nGrams = nGramsOf(end - start, (index) => unitAt(start + index));
    for (const [index, nGram] of nGrams.entries()) {
      if (this.#table.remove(nGram, variant, start + index)) this.#stale++;
    }
  }

  /** Looks through the sample, whose first character is number `base` of the text. */
  scan(length: number, base: number, visitor: Visitor): void {
    if (this.stride === 1) return this.#scanEach(length, base, visitor);
    const { words, sliceLength } = sample;
    const filter = this.#filter;
    const shift = this.#shift;
    const step = this.stride >> 2;
    const end = Math.min(length, sliceLength) >> 2;
    for (let word = 0; word < end; word += step) {
      const nGram = words[word] as number;
      const hash = Math.imul(nGram, multiplier);
      if (((filter[hash >>> shift] as number) & (1 << (hash >>> (shift - 5)))) !== 0) {
        this.#visit(nGram, words[word + 1] as number, base + 4 * word, visitor);
      }
    }
  }

  /** The same; returns whether a list of numbers or of single characters may stand in the sample. */
  scanWithLists(length: number, base: number, visitor: Visitor): boolean {
    const { words, sliceLength } = sample;
    const filter = this.#filter;
    const shift = this.#shift;
    const step = this.stride >> 2;
    const end = Math.min(length, sliceLength) >> 2;
    let hasList = false;
    let score = 0;
    for (let word = 0; word < end; word += step) {
      const nGram = words[word] as number;
      const hash = Math.imul(nGram, multiplier);
      if (((filter[hash >>> shift] as number) & (1 << (hash >>> (shift - 5)))) !== 0) {
        this.#visit(nGram, words[word + 1] as number, base + 4 * word, visitor);
      }
      if ((nGram & numericMask) === numeric && (nGram & digitMask) !== digitMask) {
        score += 3;
        if (score >= listScore) {
          score = listScore - 1;
          hasList ||= endsInList(4 * word + 4);
        }
      } else if (score > 0) score--;
    }
    return hasList;
  }

  #scanEach(length: number, base: number, visitor: Visitor): void {
    const { bytes, sliceLength } = sample;
    const end = Math.min(length - 3, sliceLength);
    for (let at = 0; at < end; at++) {
      const nGram = nGramOf(
        bytes[at] as number,
        bytes[at + 1] as number,
        bytes[at + 2] as number,
        bytes[at + 3] as number,
      );
      const hash = Math.imul(nGram, multiplier);
      if (((this.#filter[hash >>> this.#shift] as number) & (1 << (hash >>> (this.#shift - 5)))) !== 0)
        this.#visit(nGram, unknown, base + at, visitor);
    }
  }

  #visit(nGram: number, following: number, position: number, visitor: Visitor): void {
    const table = this.#table;
    for (let entry = table.first(nGram); entry !== 0; entry = table.next(entry)) {
      const expected = table.followingOf(entry);
      if (expected === following || expected === unknown || following === unknown) {
        visitor.visit(table.variantOf(entry), table.offsetOf(entry), position);
      }
    }
  }

  #rarestWindow(nGrams: Int32Array): number {
    const counts = new Uint8Array(nGrams.length);
    for (let at = 0; at < nGrams.length; at++)
      counts[at] = this.#table.count(nGrams[at] as number, longestChainCounted);
    const windows = nGrams.length - this.stride + 1;
    let sum = 0;
    for (let index = 0; index < this.stride; index++) sum += counts[index] as number;
    let [rarest, least] = [0, sum];
    for (let start = 1; start < windows; start++) {
      sum += (counts[start + this.stride - 1] as number) - (counts[start - 1] as number);
      // of equals the one nearest to the middle: beginnings and ends are often alike
      if (sum > least || (sum === least && Math.abs(2 * start - windows) > Math.abs(2 * rarest - windows))) continue;
      [rarest, least] = [start, sum];
    }
    return rarest;
  }

  #enter(nGrams: Int32Array, offset: number, variant: number): void {
    this.#put(nGrams[offset] as number, variant, offset, nGrams[offset + nGramLength] ?? unknown);
  }

  #put(nGram: number, variant: number, offset: number, following: number): void {
    this.#table.add(nGram, variant, offset, following);
    if ((this.#table.size + this.#stale) * bitsPerNGram > 32 * this.#filter.length) this.#rebuildFilter();
    else this.#mark(nGram);
  }

  #mark(nGram: number): void {
    const hash = Math.imul(nGram, multiplier);
    const word = hash >>> this.#shift;
    this.#filter[word] = (this.#filter[word] as number) | (1 << (hash >>> (this.#shift - 5)));
  }

  #rebuildFilter(): void {
    this.#stale = 0;
    while (this.#table.size * bitsPerNGram > 32 * this.#filter.length) {
      this.#filter = new Int32Array(2 * this.#filter.length);
      this.#shift--;
    }
    this.#filter.fill(0);
    for (const nGram of this.#table.nGrams()) this.#mark(nGram);
  }
}

/** Whether the sample has a list of numbers, or of single characters by number, for a while before a place. */
function endsInList(end: number): boolean {
  const { bytes } = sample;
  let separators = 0;
  for (let at = end - 1; at >= end - longestMember; at--) separators += isSeparator[bytes[at] as number] as number;
  if (separators === 0) return false;
  let commas = 0;
  let quotes = 0;
  let others = 0;
  for (let at = end - 1; at >= end - listLength; at--) {
    const byte = bytes[at] as number;
    if (byte === comma) commas++;
    else if (isSeparator[byte] === 1) quotes++;
    else if (isInList[byte] === 0 && ++others > mostOthers) return false;
  }
  return commas >= leastCommas && (others === 0 || quotes >= leastQuotes);
}

/** Most words of digits end in a long number, which this tells at less cost. */
const longestMember = 6;
const isSeparator = new Uint8Array(256);
for (const character of ",\"'") isSeparator[character.charCodeAt(0)] = 1;

/** Digits, commas, spaces, and the colons and quotes of `{"0":115,"1":51}`. */
const isInList = new Uint8Array(256);
for (const character of "0123456789, :\"'") isInList[character.charCodeAt(0)] = 1;

/** Every unit is asked for once: where they are computed, that is most of the work. */
function nGramsOf(length: number, unitAt: UnitAt): Int32Array {
  const nGrams = new Int32Array(length - nGramLength + 1);
  let nGram = 0;
  for (let at = 0; at < length; at++) {
    const low = unitAt(at) & 255;
    nGram = isLittleEndian ? (nGram >>> 8) | (low << 24) : (nGram << 8) | low;
    if (at >= nGramLength - 1) nGrams[at - nGramLength + 1] = nGram;
  }
  return nGrams;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
