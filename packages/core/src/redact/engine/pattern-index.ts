import { type Encoding, encodings } from "./encodings.ts";
import { Matcher } from "./matcher.ts";
import { NGramTier } from "./n-gram-tier.ts";
import { type Pattern, storedBytes } from "./pattern.ts";
import type { Range } from "./range.ts";
import { sample, takeSample } from "./sample.ts";
import { stretchesOf, variantsOf } from "./variants.ts";
import { WaitingPatterns } from "./waiting-patterns.ts";

/** The minimum length of a variant that is searched. */
const shortestVariant = 4;
/** The minimum length for sampling; shorter variants are searched at each position of a text. */
const shortestSampled = 7;
/** The number of patterns that are entered at once, which is faster than to find out which of them occur in a text. */
const fewPatterns = 4;
/**
 * The number of n-grams that are entered in one turn of the event loop or with one text: those of seven tokens, in about a
 * millisecond.
 */
const entriesAtOnce = 1_500;
const noRanges: readonly Range[] = [];

/** Finds all patterns in all encodings in a text. Adding or removing a pattern does not affect the others. */
export class PatternIndex {
  /** Id -> pattern. */
  readonly #patterns: (Pattern | undefined)[] = [];
  readonly #freeIds: number[] = [];
  /** The tier that searches most texts alone; a fragment of 16 units is the shortest that a stride of 12 is certain to find. */
  readonly #sampled = new NGramTier(12);
  readonly #short = new NGramTier(1);
  readonly #matcher = new Matcher(this.#patterns);
  /** Registered patterns that are not entered yet, because many values are replaced before any search. */
  readonly #waiting = new WaitingPatterns(this.#patterns);
  /** Whether the last searched text contains a list of numbers or single characters that may be bytes. */
  sawList = false;
  /** Whether it contains so much of a pattern in one piece that the rest may follow in others. */
  sawPiece = false;
  #isSettling = false;
  #count = 0;
  #variants = 0;
  #searched = 0;
  #byteLength = 0;
  /** A number that changes with the patterns. */
  revision = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The number of patterns that are searched but not entered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The number of searched variants. */
  get variants(): number {
    for (const pattern of this.#waiting) this.#measure(pattern);
    return this.#variants;
  }

  /** The approximate memory, in bytes. */
  get byteLength(): number {
    for (const pattern of this.#waiting) this.#measure(pattern);
    return this.#byteLength + this.#sampled.byteLength + this.#short.byteLength;
  }

  /** The number of examined characters and comparisons, which tests use to check that the time is linear. */
  get work(): number {
    return this.#searched + this.#matcher.compared;
  }

  /** Adds a pattern, which is entered in a later turn of the event loop, or earlier if a text may contain it. */
  add(pattern: Pattern): void {
    this.revision++;
    this.#count++;
    pattern.id = this.#freeIds.pop() ?? this.#patterns.length;
    this.#patterns[pattern.id] = pattern;
    this.#waiting.add(pattern);
    if (this.#waiting.size <= fewPatterns) return;
    for (const waiting of this.#waiting.unnoted()) {
      this.#measure(waiting);
      this.#waiting.note(waiting);
    }
    this.#enterLater();
  }

  remove(pattern: Pattern): void {
    this.revision++;
    this.#count--;
    if (!this.#waiting.delete(pattern)) for (const tier of [this.#sampled, this.#short]) tier.remove(pattern.id);
    if (pattern.lengths.length > 0) this.#account(pattern, -1);
    this.#patterns[pattern.id] = undefined;
    this.#freeIds.push(pattern.id);
  }

  /** Returns all patterns. */
  *patterns(): Generator<Pattern> {
    for (const pattern of this.#patterns) if (pattern !== undefined) yield pattern;
  }

  has(pattern: Pattern): boolean {
    return this.#patterns[pattern.id] === pattern;
  }

  /** Returns the variants of a pattern. */
  variantsOf(pattern: Pattern): readonly { readonly encoding: Encoding; readonly length: number }[] {
    this.#measure(pattern);
    return variantsOf(pattern);
  }

  /** Returns a pattern that contains these bytes. */
  patternWith(bytes: Uint8Array): Pattern | undefined {
    const part = Buffer.from(bytes);
    return this.#patterns.find(
      (pattern) => pattern !== undefined && Buffer.from((pattern.canonical ?? pattern.bytes).buffer).includes(part),
    );
  }

  /** Returns all occurrences of variants, in no particular order. */
  search(text: string): readonly Range[] {
    if (this.#waiting.size > 0) this.#enterBefore(text);
    this.#searched += text.length;
    this.sawList = false;
    this.sawPiece = false;
    let isVisited = false;
    for (let from = 0; from < text.length; from += sample.sliceLength) {
      const length = takeSample(text, from);
      const hits = this.#sampled.scan(length);
      if (this.#sampled.sawList) this.sawList = true;
      if (hits === 0 && this.#short.isEmpty) continue;
      if (!isVisited) this.#matcher.begin(text);
      isVisited = true;
      this.#sampled.visitHits(hits, from, this.#matcher);
      if (!this.#short.isEmpty) this.#short.visitHits(this.#short.scan(length), from, this.#matcher);
    }
    if (!isVisited) return noRanges;
    const found = this.#matcher.end();
    this.sawPiece = this.#matcher.sawPiece;
    return found;
  }

  /** Enters the patterns that may occur in a text, and a few others, because the event loop may have no turn during searches. */
  #enterBefore(text: string): void {
    if (this.#waiting.size > fewPatterns) {
      for (const pattern of this.#waiting.standingIn(text)) this.#enter(pattern);
    }
    this.#enterSome();
  }

  /** Enters patterns in later turns, because entering a thousand values takes a tenth of a second. */
  #enterLater(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    setImmediate(() => {
      this.#isSettling = false;
      this.#enterSome();
      if (this.#waiting.size > 0) this.#enterLater();
    }).unref();
  }

  /** Enters at least the few patterns of one value, and as many as take a millisecond. */
  #enterSome(): void {
    const before = this.#entries;
    let entered = 0;
    for (const pattern of this.#waiting) {
      if (entered >= fewPatterns && this.#entries - before >= entriesAtOnce) break;
      this.#enter(pattern);
      entered++;
    }
  }

  get #entries(): number {
    return this.#sampled.size + this.#short.size;
  }

  #measure(pattern: Pattern): void {
    if (pattern.lengths.length > 0) return;
    pattern.lengths = encodings.map((encoding) => encoding.length(pattern));
    this.#account(pattern, 1);
  }

  #enter(pattern: Pattern): void {
    this.#waiting.delete(pattern);
    this.#measure(pattern);
    for (const { variant, length, unitAt } of variantsOf(pattern)) {
      this.#tierFor(length).add(pattern.id, variant, length, unitAt);
    }
    for (const stretch of stretchesOf(pattern)) this.#tierFor(stretch.run).addRuns(pattern.id, stretch);
  }

  #tierFor(length: number): NGramTier {
    if (length < shortestSampled) return this.#short;
    this.#sampled.admit(length);
    return this.#sampled;
  }

  #account(pattern: Pattern, sign: 1 | -1): void {
    for (const length of pattern.lengths) if (length >= shortestVariant) this.#variants += sign;
    for (const { length } of storedBytes(pattern)) this.#byteLength += sign * length;
  }
}
