import { type Encoding, encodings } from "./encodings.ts";
import { NGramFilter } from "./n-gram-filter.ts";
import type { Pattern } from "./pattern.ts";
import { nGramAt, nGramOf, sample, takeSample } from "./sample.ts";
import { groupEvidence } from "./sketch.ts";
import { kindOf, patternIdOf, sketchedStretchesOf, variantOf } from "./variants.ts";

const nGramLength = 4;
/** The numbers of a note: an n-gram, a variant, an offset in it, and the previous note with the same hash. */
const noteSize = 4;
/** 2^32 / golden ratio */
const multiplier = 0x9e3779b1;
const fewestHeads = 256;
/** The maximum number of positions of an n-gram that are examined. */
const mostPlaces = 64;

/**
 * The patterns that are not in the index yet. Entering one is slow, and a thousand may be added in one turn of the event loop,
 * so only a few n-grams of each are noted. They show which patterns may occur in a text, and those are entered first.
 */
export class WaitingPatterns {
  readonly #patterns = new Set<Pattern>();
  /** The patterns whose n-grams were not noted yet. */
  readonly #unnoted = new Set<Pattern>();
  /** Id -> pattern. */
  readonly #byId: readonly (Pattern | undefined)[];
  /** The notes in sequence: adding one is cheap, and they are read only after a hit in the filter. The first is unused. */
  #notes = new Int32Array(0);
  #length = noteSize;
  /** Hash -> the position of its last note; 0 if there is none. */
  #heads = new Int32Array(fewestHeads);
  #filter = new NGramFilter();

  constructor(byId: readonly (Pattern | undefined)[]) {
    this.#byId = byId;
  }

  get size(): number {
    return this.#patterns.size;
  }

  add(pattern: Pattern): void {
    this.#patterns.add(pattern);
    this.#unnoted.add(pattern);
  }

  /** Removes a pattern; returns whether it was waiting. */
  delete(pattern: Pattern): boolean {
    this.#unnoted.delete(pattern);
    const wasWaiting = this.#patterns.delete(pattern);
    if (this.#patterns.size === 0 && this.#length > noteSize) {
      this.#notes = new Int32Array(0);
      this.#length = noteSize;
      this.#heads = new Int32Array(fewestHeads);
      this.#filter = new NGramFilter();
    }
    return wasWaiting;
  }

  /** Iterates in the order of addition; patterns may be deleted meanwhile. */
  [Symbol.iterator](): IterableIterator<Pattern> {
    return this.#patterns.values();
  }

  /** Returns the patterns that were not noted yet; searches use only noted ones. */
  unnoted(): readonly Pattern[] {
    return [...this.#unnoted];
  }

  /** Notes one n-gram of each run of units that is evidence; fragments are covered by the unencoded variant. */
  note(pattern: Pattern): void {
    this.#unnoted.delete(pattern);
    for (let number = 0; number < encodings.length; number++) {
      const length = pattern.lengths[number] as number;
      const run = Math.min(length, groupEvidence);
      this.#noteSpaced(pattern, encodings[number] as Encoding, variantOf(pattern, number), 0, length, run);
    }
    for (const { variant, sketch, start, end, run } of sketchedStretchesOf(pattern)) {
      this.#noteSpaced(pattern, sketch, variant, start, end, run);
    }
  }

  /** Returns the noted patterns that may occur in a text, completely or partly, in any encoding. */
  standingIn(text: string): readonly Pattern[] {
    const places = new Map<number, number[]>();
    for (let from = 0; from < text.length; from += sample.sliceLength) {
      const count = this.#filter.scanEach(takeSample(text, from));
      for (let hit = 0; hit < count; hit++) {
        const at = sample.hits[hit] as number;
        const nGram = nGramAt(at);
        const alike = places.get(nGram);
        if (alike === undefined) places.set(nGram, [from + at]);
        else if (alike.length < mostPlaces) alike.push(from + at);
      }
    }
    return places.size === 0 ? [] : this.#metAt(places, text);
  }

  #metAt(places: ReadonlyMap<number, readonly number[]>, text: string): readonly Pattern[] {
    const met = new Set<Pattern>();
    for (const [nGram, alike] of places) {
      for (let note = this.#heads[this.#hashOf(nGram)] as number; note !== 0; note = this.#notes[note + 3] as number) {
        if (this.#notes[note] !== nGram) continue;
        const variant = this.#notes[note + 1] as number;
        const pattern = this.#byId[patternIdOf(variant)];
        if (pattern === undefined || met.has(pattern) || !this.#patterns.has(pattern)) continue;
        const offset = this.#notes[note + 2] as number;
        const isMet = alike.length === mostPlaces || alike.some((at) => mayStand(text, pattern, variant, offset, at));
        if (isMet) met.add(pattern);
      }
    }
    return [...met];
  }

  #noteSpaced(
    pattern: Pattern,
    of: Pick<Encoding, "unitAt">,
    variant: number,
    start: number,
    end: number,
    run: number,
  ): void {
    for (let offset = start; offset <= end - nGramLength; offset += run - nGramLength + 1) {
      const nGram = nGramOf(
        of.unitAt(pattern, offset),
        of.unitAt(pattern, offset + 1),
        of.unitAt(pattern, offset + 2),
        of.unitAt(pattern, offset + 3),
      );
      if (this.#length >= this.#notes.length) {
        const longer = new Int32Array(2 * this.#length + fewestHeads * noteSize);
        longer.set(this.#notes);
        this.#notes = longer;
      }
      this.#notes[this.#length] = nGram;
      this.#notes[this.#length + 1] = variant;
      this.#notes[this.#length + 2] = offset;
      this.#length += noteSize;
      if (this.#length > noteSize * this.#heads.length) this.#rebuild();
      else this.#link(this.#length - noteSize);
    }
  }

  #link(note: number): void {
    const nGram = this.#notes[note] as number;
    const hash = this.#hashOf(nGram);
    this.#notes[note + 3] = this.#heads[hash] as number;
    this.#heads[hash] = note;
    this.#filter.add(nGram);
  }

  #rebuild(): void {
    this.#heads = new Int32Array(2 * this.#heads.length);
    this.#filter.reset(this.#heads.length);
    for (let note = noteSize; note < this.#length; note += noteSize) this.#link(note);
  }

  #hashOf(nGram: number): number {
    return Math.imul(nGram ^ (nGram >>> 15), multiplier) >>> Math.clz32(this.#heads.length - 1);
  }
}

/** Whether enough units around an n-gram match that the index would examine the position. */
function mayStand(text: string, pattern: Pattern, variant: number, offset: number, position: number): boolean {
  const kind = kindOf(variant);
  if (kind === "fragment") return false;
  const [units, length, evidence] =
    "sketch" in kind
      ? [kind.sketch, kind.sketch.length(pattern), kind.sketch.evidence]
      : [kind.encoding, pattern.lengths[kind.number] as number, groupEvidence];
  const least = Math.min(evidence, length);
  const mostBefore = Math.min(offset, least);
  let before = 0;
  while (before < mostBefore && text.charCodeAt(position - before - 1) === units.unitAt(pattern, offset - before - 1))
    before++;
  const mostAfter = Math.min(length - offset, least);
  let after = 0;
  while (after < mostAfter && text.charCodeAt(position + after) === units.unitAt(pattern, offset + after)) after++;
  return before + after >= least;
}
