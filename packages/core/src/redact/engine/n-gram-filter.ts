import { hasListAt } from "./list-sign.ts";
import { nGramAt, sample } from "./sample.ts";

/** 2^32 / golden ratio */
const multiplier = 0x9e3779b1;
/** Of other n-grams one in 32 to 64 passes by chance. A larger filter would let fewer pass, and leave the cache. */
const bitsPerNGram = 32;
const byteBits = 8;
/** The upper bits of a hash tell a byte, and the lowest three a bit of it. */
const fewestBytes = 8;
/** The characters from space to `?`, which hold all digits and what separates numbers in a list. */
const numericMask = 0xe0e0e0e0 | 0;
const numeric = 0x20202020;
/** Set in digits and the colon: four of them are a part of a long number, and no list of bytes has one. */
const digitMask = 0x10101010;
/** Two such words are in one list if they are at most one other sample apart: `"s",` stands between the numbers of characters. */
const mostApart = 7;

/**
 * Tells by a look at one byte of memory that an n-gram is none of many. The loops call nothing, and note in `sample` what passes:
 * with a call in it a loop is compiled to read everything anew in each turn, and takes three times as long.
 */
export class NGramFilter {
  #bytes = new Uint8Array(fewestBytes);
  #shift = 32 - Math.log2(fewestBytes);
  /** Whether a list of numbers or of single characters may stand in what was scanned last. */
  sawList = false;

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** Whether so many n-grams are too many for it. */
  isFullWith(nGrams: number): boolean {
    return nGrams * bitsPerNGram > byteBits * this.#bytes.length && this.#shift > 0;
  }

  /** Forgets all, and makes room for so many. */
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

  /** Looks at four characters out of every twelve of the sample; returns the number of hits. */
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

  /** Looks at all characters of it, four at a time. */
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

  /** Looks at the four characters that begin at each place of it. */
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

/** As `scanTwelfths` looks for lists. */
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
