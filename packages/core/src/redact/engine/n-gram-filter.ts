import { hasListAt } from "./list-sign.ts";
import { nGramAt, sample } from "./sample.ts";

/** 2^32 / golden ratio */
const multiplier = 0x9e3779b1;
/**
 * The number of bits per n-gram, with which one in 32 to 64 other n-grams passes by chance. A larger filter would let fewer
 * pass, but would not fit into the cache.
 */
const bitsPerNGram = 32;
const byteBits = 8;
/** The upper bits of a hash select a byte, and the lowest three bits select a bit of it. */
const fewestBytes = 8;
/** The characters from space to `?`, which include all digits and the separators of numbers in a list. */
const numericMask = 0xe0e0e0e0 | 0;
const numeric = 0x20202020;
/** The bit that is set in digits and the colon; four of these belong to a long number, which no list of bytes contains. */
const digitMask = 0x10101010;
/** The maximum distance of two such words in one list, in samples; `"s",` may occur between the indexes of characters. */
const mostApart = 7;

/**
 * Excludes n-grams that none of many equals, by reading one byte. The loops call no functions, and note positions in `sample`:
 * with a call, a compiled loop reads all fields again in each iteration, and takes three times as long.
 */
export class NGramFilter {
  #bytes = new Uint8Array(fewestBytes);
  #shift = 32 - Math.log2(fewestBytes);
  /** Whether the scanned sample may contain a list of numbers or of single characters. */
  sawList = false;

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** Whether the filter is too small for this number of n-grams. */
  isFullWith(nGrams: number): boolean {
    return nGrams * bitsPerNGram > byteBits * this.#bytes.length && this.#shift > 0;
  }

  /** Clears the filter, and enlarges it for this number of n-grams. */
  reset(nGrams: number): void {
    while (this.isFullWith(nGrams)) {
      this.#bytes = new Uint8Array(2 * this.#bytes.length);
      this.#shift--;
    }
    this.#bytes.fill(0);
  }

  add(nGram: number): void {
    const hash = Math.imul(nGram, multiplier);
    const byte = hash >>> this.#shift;
    this.#bytes[byte] = (this.#bytes[byte] as number) | (1 << (hash & 7));
  }

  mayHave(nGram: number): boolean {
    const hash = Math.imul(nGram, multiplier);
    return (((this.#bytes[hash >>> this.#shift] as number) >>> (hash & 7)) & 1) !== 0;
  }

  /** Tests four characters out of every twelve of the sample; returns the number of hits. */
  scanTwelfths(length: number): number {
    const { words, hits, listEnds, sliceLength } = sample;
    const filter = this.#bytes;
    const shift = this.#shift;
    const end = Math.min(length, sliceLength) >> 2;
    let count = 0;
    let ends = 0;
    let listUntil = 0;
    for (let word = 0; word < end; word += 3) {
      const nGram = words[word] as number;
      const hash = Math.imul(nGram, multiplier);
      if ((((filter[hash >>> shift] as number) >>> (hash & 7)) & 1) !== 0) hits[count++] = 4 * word;
      if ((nGram & numericMask) === numeric && (nGram & digitMask) !== digitMask) {
        if (word < listUntil) listEnds[ends++] = 4 * word + 4;
        listUntil = word + mostApart;
      }
    }
    this.sawList = ends > 0 && hasListAt(ends, length);
    return count;
  }

  /** Tests all characters of the sample, four at a time; returns the number of hits. */
  scanFourths(length: number): number {
    const { words, hits, sliceLength } = sample;
    const filter = this.#bytes;
    const shift = this.#shift;
    const end = Math.min(length, sliceLength) >> 2;
    let count = 0;
    for (let word = 0; word < end; word++) {
      const hash = Math.imul(words[word] as number, multiplier);
      if ((((filter[hash >>> shift] as number) >>> (hash & 7)) & 1) !== 0) hits[count++] = 4 * word;
    }
    this.sawList = hasList(end, length);
    return count;
  }

  /** Tests the four characters at each position of the sample; returns the number of hits. */
  scanEach(length: number): number {
    const { hits, sliceLength } = sample;
    const end = Math.min(length - 3, sliceLength);
    let count = 0;
    for (let at = 0; at < end; at++) {
      if (this.mayHave(nGramAt(at))) hits[count++] = at;
    }
    return count;
  }
}

/** Searches lists as `scanTwelfths` does. */
function hasList(end: number, length: number): boolean {
  const { words, listEnds } = sample;
  let ends = 0;
  let listUntil = 0;
  for (let word = 0; word < end; word += 3) {
    const nGram = words[word] as number;
    if ((nGram & numericMask) === numeric && (nGram & digitMask) !== digitMask) {
      if (word < listUntil) listEnds[ends++] = 4 * word + 4;
      listUntil = word + mostApart;
    }
  }
  return ends > 0 && hasListAt(ends, length);
}
