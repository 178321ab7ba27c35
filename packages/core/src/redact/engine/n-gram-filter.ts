import { hasListAt } from "./list-sign.ts";
import { nGramAt, sample } from "./sample.ts";

/** 2^32 / golden ratio */
const multiplier = 0x9e3779b1;
/** Of other n-grams one in 32 to 64 passes by chance. Two bits for each would let fewer pass, and cost a line more than they save. */
const bitsPerNGram = 32;
const wordBits = 32;
/** So many bits of the hash tell the number of a bit within its word; the bits before them tell the word. */
const choice = 5;
/** The characters from space to `?`, which hold all digits and what separates numbers in a list. */
const numericMask = 0xe0e0e0e0 | 0;
const numeric = 0x20202020;
/** Set in digits and the colon: four of them are a part of a long number, and no list of bytes has one. */
const digitMask = 0x10101010;
/** Four characters that are numbers or separate them add three; any others take one away. */
const listScore = 5;

/**
 * Tells by a look at one word of memory that an n-gram is none of many. The loops call nothing, and note in `sample` what passes:
 * with a call in it a loop is compiled to read everything anew in each turn, and takes three times as long.
 */
export class NGramFilter {
  #words = new Int32Array(2);
  #shift = 31;
  /** Whether a list of numbers or of single characters may stand in what was scanned last. */
  sawList = false;

  get byteLength(): number {
    return this.#words.byteLength;
  }

  /** Whether so many n-grams are too many for it. */
  isFullWith(nGrams: number): boolean {
    return nGrams * bitsPerNGram > wordBits * this.#words.length && this.#shift > choice;
  }

  /** Forgets all, and makes room for so many. */
  reset(nGrams: number): void {
    while (this.isFullWith(nGrams)) {
      this.#words = new Int32Array(2 * this.#words.length);
      this.#shift--;
    }
    this.#words.fill(0);
  }

  add(nGram: number): void {
    const hash = Math.imul(nGram, multiplier);
    const word = hash >>> this.#shift;
    this.#words[word] = (this.#words[word] as number) | (1 << (hash >>> (this.#shift - choice)));
  }

  mayHave(nGram: number): boolean {
    const hash = Math.imul(nGram, multiplier);
    return (((this.#words[hash >>> this.#shift] as number) >>> (hash >>> (this.#shift - choice))) & 1) !== 0;
  }

  /** Looks at four characters out of every twelve of the sample; returns the number of hits. */
  scanTwelfths(length: number): number {
    const { words, hits, listEnds, sliceLength } = sample;
    const filter = this.#words;
    const shift = this.#shift;
    const bit = shift - choice;
    const end = Math.min(length, sliceLength) >> 2;
    let count = 0;
    let ends = 0;
    let score = 0;
    for (let word = 0; word < end; word += 3) {
      const nGram = words[word] as number;
      const hash = Math.imul(nGram, multiplier);
      if ((((filter[hash >>> shift] as number) >>> (hash >>> bit)) & 1) !== 0) hits[count++] = 4 * word;
      if ((nGram & numericMask) === numeric && (nGram & digitMask) !== digitMask) {
        score += 3;
        if (score >= listScore) {
          score = listScore - 1;
          listEnds[ends++] = 4 * word + 4;
        }
      } else if (score > 0) score--;
    }
    this.sawList = ends > 0 && hasListAt(ends, length);
    return count;
  }

  /** Looks at all characters of it, four at a time. */
  scanFourths(length: number): number {
    const { words, hits, sliceLength } = sample;
    const filter = this.#words;
    const shift = this.#shift;
    const bit = shift - choice;
    const end = Math.min(length, sliceLength) >> 2;
    let count = 0;
    for (let word = 0; word < end; word++) {
      const hash = Math.imul(words[word] as number, multiplier);
      if ((((filter[hash >>> shift] as number) >>> (hash >>> bit)) & 1) !== 0) hits[count++] = 4 * word;
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
  let score = 0;
  for (let word = 0; word < end; word += 3) {
    const nGram = words[word] as number;
    if ((nGram & numericMask) === numeric && (nGram & digitMask) !== digitMask) {
      score += 3;
      if (score >= listScore) {
        score = listScore - 1;
        listEnds[ends++] = 4 * word + 4;
      }
    } else if (score > 0) score--;
  }
  return ends > 0 && hasListAt(ends, length);
}
