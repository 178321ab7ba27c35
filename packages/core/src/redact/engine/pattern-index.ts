import { isBase64Unit } from "./base64-unit.ts";
import { type Encoding, encodings } from "./encodings.ts";
import { commonRun, fragmentsFrom } from "./fragment.ts";
import { NGramTier } from "./n-gram-tier.ts";
import { type Pattern, storedBytes } from "./pattern.ts";
import { isPiece } from "./piece.ts";
import type { Range } from "./range.ts";
import { sample, takeSample } from "./sample.ts";
import { groupEvidence, hasSketches, type Sketch, sketches } from "./sketch.ts";

/** A variant is a pattern in an encoding, as one number. */
const encodingBits = 7;
const fragmentEncoding = (1 << encodingBits) - 1;
/** From here on the numbers of an encoding are those of sketches. */
const firstSketch = 64;
/** Below it nothing is looked for. */
const minLength = 4;
/** A value that was found whole is no evidence of pieces; if it was found long ago, the text is looked through in vain. */
const lastRanges = 8;
/** Takes a few milliseconds. */
const patternsPerTurn = 4;
const noRanges: readonly Range[] = [];
const equalsSign = 0x3d;
const nearPadding = 8;

/** All patterns in all encodings, and where they stand in a text. Adding and removing one touches nothing of the others. */
export class PatternIndex {
  /** id -> pattern */
  readonly #patterns: (Pattern | undefined)[] = [];
  readonly #freeIds: number[] = [];
  /** The longest stride first. A fragment of 16 units is the shortest that a stride of 12 meets for certain. */
  readonly #tiers = [12, 8, 4, 1].map((stride) => new NGramTier(stride));
  readonly #coarse = this.#tiers[0] as NGramTier;
  /** Those of shorter strides that hold something. */
  #denser: readonly NGramTier[] = [];
  readonly #fine = this.#tiers[2] as NGramTier;
  /** What is being searched; the sample is shared, so there is one search at a time. */
  #text = "";
  #found: readonly Range[] = noRanges;
  /** Whether the text searched last has a list of numbers, or of single characters, that may stand for bytes. */
  sawList = false;
  /** Whether it has so much of a pattern in one piece that the rest of it may stand near, in others. */
  sawPiece = false;
  /** Registered, but not entered: many a value is replaced before anything is searched. */
  readonly #waiting = new Set<Pattern>();
  #isSettling = false;
  #variants = 0;
  #byteLength = 0;
  /** Changes whenever a pattern comes or goes. */
  revision = 0;

  get isEmpty(): boolean {
    return this.#variants === 0 && this.#waiting.size === 0;
  }

  /** Variants that are looked for. */
  get variants(): number {
    this.#settle();
    return this.#variants;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    this.#settle();
    return this.#tiers.reduce((sum, tier) => sum + tier.byteLength, this.#byteLength);
  }

  /** Looks for a pattern from now on; it is entered when something is searched, or before in turns of the event loop. */
  add(pattern: Pattern): void {
    this.revision++;
    this.#waiting.add(pattern);
    if (this.#waiting.size > patternsPerTurn) this.#settleLater();
  }

  #settle(most = Number.POSITIVE_INFINITY): void {
    if (this.#waiting.size === 0) return;
    let entered = 0;
    for (const pattern of this.#waiting) {
      if (entered++ === most) break;
      this.#waiting.delete(pattern);
      this.#enter(pattern);
    }
    this.#denser = this.#tiers.filter((tier) => tier !== this.#coarse && !tier.isEmpty);
  }

  /** Entering a thousand values takes a tenth of a second, which the first line after them need not wait for. */
  #settleLater(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    setImmediate(() => {
      this.#isSettling = false;
      this.#settle(patternsPerTurn);
      if (this.#waiting.size > 0) this.#settleLater();
    }).unref();
  }

  #enter(pattern: Pattern): void {
    pattern.id = this.#freeIds.pop() ?? this.#patterns.length;
    pattern.lengths = encodings.map((encoding) => encoding.length(pattern));
    this.#patterns[pattern.id] = pattern;
    this.#change(pattern, 1);
    const windows = pattern.lengths.map(() => 0);
    this.#eachVariant(pattern, (tier, number, length, unitAt) => {
      windows[number] = tier.add(variantOf(pattern, number), length, unitAt);
    });
    pattern.windows = windows;
    if (hasSketches(pattern)) {
      this.#eachStretch(pattern, (tier, variant, start, end, unitAt, length) =>
        tier.addSketch(variant, start, end, length, unitAt),
      );
    }
    const from = fragmentsFrom(pattern);
    if (from === undefined) return;
    this.#tiers[0]?.addAll(
      variantOf(pattern, fragmentEncoding),
      pattern.bytes.length,
      (index) => pattern.bytes[index] as number,
      from,
    );
  }

  remove(pattern: Pattern): void {
    this.revision++;
    if (this.#waiting.delete(pattern)) return;
    this.#eachVariant(pattern, (tier, number, _length, unitAt) => {
      const start = pattern.windows[number] as number;
      tier.remove(variantOf(pattern, number), start, start + tier.stride + 3, unitAt);
    });
    if (hasSketches(pattern)) {
      this.#eachStretch(pattern, (tier, variant, start, end, unitAt) => tier.remove(variant, start, end, unitAt));
    }
    const from = fragmentsFrom(pattern);
    if (from !== undefined) {
      const unitAt = (index: number) => pattern.bytes[index] as number;
      this.#tiers[0]?.remove(variantOf(pattern, fragmentEncoding), from, pattern.bytes.length, unitAt);
    }
    this.#change(pattern, -1);
    this.#patterns[pattern.id] = undefined;
    this.#freeIds.push(pattern.id);
  }

  /** Every variant of every pattern. */
  *allVariants(): Generator<{ readonly pattern: Pattern; readonly encoding: Encoding; readonly length: number }> {
    this.#settle();
    for (const pattern of this.#patterns) {
      if (pattern === undefined) continue;
      for (const [number, encoding] of encodings.entries()) {
        const length = pattern.lengths[number] as number;
        if (length >= minLength) yield { pattern, encoding, length };
      }
    }
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
    this.#settle();
    this.#text = text;
    this.#found = noRanges;
    this.sawList = false;
    this.sawPiece = false;
    for (let from = 0; from < text.length; from += sample.sliceLength) {
      const length = takeSample(text, from);
      if (this.#coarse.scanWithLists(length, from, this)) this.sawList = true;
      for (let at = 0; at < this.#denser.length; at++) (this.#denser[at] as NGramTier).scan(length, from, this);
    }
    this.#text = "";
    return this.#found;
  }

  /** Compares what the sampling has come upon with the variant itself. */
  visit(variant: number, offset: number, position: number): void {
    const number = variant & fragmentEncoding;
    const pattern = this.#patterns[variant >> encodingBits] as Pattern;
    if (number === fragmentEncoding) return this.#visitFragment(pattern, offset, position);
    if (number >= firstSketch)
      return this.#visitSketch(pattern, sketches[number - firstSketch] as Sketch, offset, position);
    const encoding = encodings[number] as Encoding;
    const start = position - offset;
    const end = start + (pattern.lengths[number] as number);
    if (start < 0 || end > this.#text.length) return;
    const trimmed = encoding.trimmed?.(pattern);
    const last = this.#found.at(-1);
    const isAlike = last?.pattern === pattern && last.encoding === encoding.name && last.trimmed === trimmed;
    const overlaps = isAlike && start >= last.start && start < last.end;
    // A value that repeats itself would otherwise be compared, and noted, at each place of its repetition.
    if (overlaps && end <= last.end) return;
    if (!this.#stands(pattern, encoding, start, end)) {
      const unitAt = (index: number): number => encoding.unitAt(pattern, index);
      this.sawPiece ||= isPiece(this.#text, unitAt, pattern.lengths[number] as number, offset, position, groupEvidence);
      return;
    }
    const range = { ...this.#widened(pattern, encoding, start, end), pattern, encoding: encoding.name, trimmed };
    if (overlaps) this.#list()[this.#found.length - 1] = { ...last, end: range.end };
    else this.#list().push(range);
  }

  /** Most texts hold nothing, and share the empty list. */
  #list(): Range[] {
    if (this.#found === noRanges) this.#found = [];
    return this.#found as Range[];
  }

  #visitSketch(pattern: Pattern, sketch: Sketch, offset: number, position: number): void {
    if (this.sawPiece || this.#found.slice(-lastRanges).some((range) => isWithin(range, position))) return;
    const unitAt = (index: number): number => sketch.unitAt(pattern, index);
    this.sawPiece = isPiece(this.#text, unitAt, sketch.length(pattern), offset, position, sketch.evidence);
  }

  #visitFragment(pattern: Pattern, offset: number, position: number): void {
    const last = this.#found.at(-1);
    if (last !== undefined && position >= last.start && position < last.end) return;
    const run = commonRun(this.#text, pattern, offset, position);
    if (run !== undefined) this.#list().push({ ...run, pattern, encoding: "fragment" });
  }

  #stands(pattern: Pattern, encoding: Encoding, start: number, end: number): boolean {
    const text = this.#text;
    for (let at = start; at < end; at++) {
      if (text.charCodeAt(at) !== encoding.unitAt(pattern, at - start)) return false;
    }
    return !pattern.isWord || !(isWordAt(text, start - 1) || isWordAt(text, end));
  }

  /** Takes in the base64 characters at the edges that hold some bits of the value, and the padding, which tells its length. */
  #widened(pattern: Pattern, encoding: Encoding, start: number, end: number): { start: number; end: number } {
    const edges = encoding.edges?.(pattern);
    if (edges === undefined) return { start, end };
    const text = this.#text;
    const from = edges.left && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
    const to = edges.right && isBase64Unit(text.charCodeAt(end)) ? end + 1 : end;
    return { start: from, end: afterPadding(text, to) };
  }

  #eachStretch(
    pattern: Pattern,
    visit: (
      tier: NGramTier,
      variant: number,
      start: number,
      end: number,
      unitAt: (index: number) => number,
      length: number,
    ) => void,
  ): void {
    for (const [number, sketch] of sketches.entries()) {
      const length = sketch.length(pattern);
      if (length < sketch.evidence) continue;
      const tier = sketch.evidence < groupEvidence ? this.#fine : this.#coarse;
      for (const [start, end] of sketch.stretches(pattern)) {
        visit(
          tier,
          variantOf(pattern, firstSketch + number),
          start,
          end,
          (index) => sketch.unitAt(pattern, index),
          length,
        );
      }
    }
  }

  #eachVariant(
    pattern: Pattern,
    visit: (tier: NGramTier, number: number, length: number, unitAt: (index: number) => number) => void,
  ): void {
    for (const [number, encoding] of encodings.entries()) {
      const length = pattern.lengths[number] as number;
      const tier = this.#tiers.find(({ stride }) => length >= stride + 3);
      if (tier !== undefined) visit(tier, number, length, (index) => encoding.unitAt(pattern, index));
    }
  }

  #change(pattern: Pattern, sign: 1 | -1): void {
    this.#variants += sign * pattern.lengths.filter((length) => length >= minLength).length;
    this.#byteLength += sign * storedBytes(pattern).reduce((sum, { length }) => sum + length, 0);
  }
}

function variantOf({ id }: Pattern, encoding: number): number {
  return (id << encodingBits) | encoding;
}

/** Padding that is near belongs to the value, and tells its length. */
function afterPadding(text: string, from: number): number {
  let end = from;
  while (end < from + nearPadding && isBase64Unit(text.charCodeAt(end))) end++;
  const padding = end;
  while (end < padding + 2 && text.charCodeAt(end) === equalsSign) end++;
  return end === padding ? from : end;
}

function isWordAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && /\w/.test(text.charAt(at));
}

/** Whether a place is in a value that was found whole; what lacks its edges counts only where escapes are undone. */
function isWithin({ start, end, trimmed }: Range, position: number): boolean {
  return trimmed === undefined && position >= start && position < end;
}
