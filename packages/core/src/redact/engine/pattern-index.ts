import { type Encoding, encodings } from "./encodings.ts";
import { Matcher } from "./matcher.ts";
import { NGramTier } from "./n-gram-tier.ts";
import { type Pattern, storedBytes } from "./pattern.ts";
import type { Range } from "./range.ts";
import { sample, takeSample } from "./sample.ts";
import { stretchesOf, variantsOf } from "./variants.ts";
import { WaitingPatterns } from "./waiting-patterns.ts";

/** Below it nothing is looked for. */
const shortestVariant = 4;
/** Shorter variants are found by a look at each place of a text. */
const shortestSampled = 7;
/** So many are entered at once, which takes less than to find out which of them stand in a text. */
const fewPatterns = 4;
/** N-grams that are entered in one turn of the event loop, or with one text: of seven tokens, in about a millisecond. */
const entriesAtOnce = 1_500;
const noRanges: readonly Range[] = [];

/** All patterns in all encodings, and where they stand in a text. Adding and removing one touches nothing of the others. */
export class PatternIndex {
  /** id -> pattern */
  readonly #patterns: (Pattern | undefined)[] = [];
  readonly #freeIds: number[] = [];
  /** A fragment of 16 units is the shortest that a stride of 12 meets for certain; most texts are looked through by it alone. */
  readonly #sampled = new NGramTier(12);
  readonly #short = new NGramTier(1);
  readonly #matcher = new Matcher(this.#patterns);
  /** Registered, but not entered: many a value is replaced before anything is searched. */
  readonly #waiting = new WaitingPatterns(this.#patterns);
  /** Whether the text searched last has a list of numbers, or of single characters, that may stand for bytes. */
  sawList = false;
  /** Whether it has so much of a pattern in one piece that the rest of it may stand near, in others. */
  sawPiece = false;
  #isSettling = false;
  #count = 0;
  #variants = 0;
  #searched = 0;
  #byteLength = 0;
  /** Changes whenever a pattern comes or goes. */
  revision = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Patterns that are looked for and not entered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Variants that are looked for. */
  get variants(): number {
    for (const pattern of this.#waiting) this.#measure(pattern);
    return this.#variants;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    for (const pattern of this.#waiting) this.#measure(pattern);
    return this.#byteLength + this.#sampled.byteLength + this.#short.byteLength;
  }

  /** Characters that were looked at so far, and how often one was compared with a variant: the tests hold it linear. */
  get work(): number {
    return this.#searched + this.#matcher.compared;
  }

  /** Looks for a pattern from now on; it is entered in a turn of the event loop, or before if a text may have it. */
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

  /** All of them. */
  *patterns(): Generator<Pattern> {
    for (const pattern of this.#patterns) if (pattern !== undefined) yield pattern;
  }

  has(pattern: Pattern): boolean {
    return this.#patterns[pattern.id] === pattern;
  }

  /** A pattern in every encoding. */
  variantsOf(pattern: Pattern): readonly { readonly encoding: Encoding; readonly length: number }[] {
    this.#measure(pattern);
    return variantsOf(pattern);
  }

  /** A pattern that has these bytes somewhere in it. */
  patternWith(bytes: Uint8Array): Pattern | undefined {
    const part = Buffer.from(bytes);
    return this.#patterns.find(
      (pattern) => pattern !== undefined && Buffer.from((pattern.canonical ?? pattern.bytes).buffer).includes(part),
    );
  }

  /** Every place where a variant stands, in no order. */
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

  /** Enters what may stand in a text, and a few others: the event loop may have no turn while texts are searched. */
  #enterBefore(text: string): void {
    if (this.#waiting.size > fewPatterns) {
      for (const pattern of this.#waiting.standingIn(text)) this.#enter(pattern);
    }
    this.#enterSome();
  }

  /** Entering a thousand values takes a tenth of a second, which nothing need wait for. */
  #enterLater(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    setImmediate(() => {
      this.#isSettling = false;
      this.#enterSome();
      if (this.#waiting.size > 0) this.#enterLater();
    }).unref();
  }

  /** The few patterns of one value at least, and as many as take a millisecond. */
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
