import { isBase64Unit } from "./base64-unit.ts";
import type { Encoding } from "./encodings.ts";
import { commonRun, fragmentLength, isVaried } from "./fragment.ts";
import type { Visitor } from "./n-gram-tier.ts";
import type { Pattern } from "./pattern.ts";
import { mayGoOnAt, mayGoOnBefore } from "./piece.ts";
import type { Range } from "./range.ts";
import { groupEvidence, type Sketch } from "./sketch.ts";
import { kindOf, patternIdOf } from "./variants.ts";

const noRanges: readonly Range[] = [];
const equalsSign = 0x3d;
const nearPadding = 8;
const nowhere = -1;
/** So much in a row on one side of an n-gram is evidence, whatever comes after it. */
const enough = 32;
/** A value that was found whole is no evidence of pieces; of more places than this one will be. */
const mostPieces = 8;

/** What is known of a variant in the text that is being searched. */
interface Known {
  /** Its last place; what repeats itself is one range. */
  last: Mutable<Range> | undefined;
  /** Where it last stood exactly, and after how many units it repeats itself; 0 as long as that did not show. */
  start: number;
  period: number;
  /** Where they last differed, in the text and in the variant: at most other places they differ in one of the two as well. */
  differsAt: number;
  differingUnit: number;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/**
 * Compares the places that sampling has come upon with the variants themselves. One text is searched at a time. A text that repeats
 * itself may be full of places, so what is known of a variant is kept: it is not compared where it was found already, nor where one
 * character tells that it does not stand there.
 */
export class Matcher implements Visitor {
  readonly #patterns: readonly (Pattern | undefined)[];
  #text = "";
  #found: Range[] = [];
  readonly #known = new Map<number, Known>();
  /** A place whose surroundings were looked at, and whether a fragment may stand there. */
  #variedAt = nowhere;
  #isVaried = false;
  /** A stretch that has no break between two pieces, as far as it was looked through. */
  #unbrokenFrom = nowhere;
  #unbrokenTo = nowhere;
  /** Places where a text has so much of a pattern in one piece that the rest of it may stand near, in others. */
  readonly #pieces: number[] = [];
  /** Whether it has such a place where no value stands whole. */
  sawPiece = false;
  /** Characters and places that were compared so far: what is not linear in the length of the text shows here first. */
  compared = 0;

  /** The patterns by their numbers, which change. */
  constructor(patterns: readonly (Pattern | undefined)[]) {
    this.#patterns = patterns;
  }

  begin(text: string): void {
    this.#text = text;
    this.#variedAt = nowhere;
    this.#unbrokenFrom = nowhere;
    this.#unbrokenTo = nowhere;
    this.sawPiece = false;
  }

  /** What was found, in no order. */
  end(): readonly Range[] {
    const found = this.#found;
    if (found.length === 0 && this.#pieces.length === 0 && this.#known.size === 0) {
      this.#text = "";
      return noRanges;
    }
    this.sawPiece =
      this.#pieces.length > mostPieces || this.#pieces.some((place) => !isWithin(found, place, found.length));
    this.#text = "";
    this.#found = [];
    this.#pieces.length = 0;
    this.#known.clear();
    return found;
  }

  visit(variant: number, offset: number, position: number): void {
    this.compared++;
    const pattern = this.#patterns[patternIdOf(variant)] as Pattern;
    const kind = kindOf(variant);
    if (kind === "fragment") this.#visitFragment(variant, pattern, offset, position);
    else if ("sketch" in kind) {
      const { sketch } = kind;
      this.#visitPiece(pattern, sketch, sketch.length(pattern), offset, position, sketch.evidence);
    } else
      this.#visitVariant(variant, pattern, kind.encoding, pattern.lengths[kind.number] as number, offset, position);
  }

  #visitVariant(
    variant: number,
    pattern: Pattern,
    encoding: Encoding,
    length: number,
    offset: number,
    position: number,
  ): void {
    const start = position - offset;
    const end = start + length;
    if (start < 0 || end > this.#text.length) return;
    const known = this.#known.get(variant);
    const last = known?.last;
    const overlaps = last !== undefined && start >= last.start && start < last.end;
    if (overlaps && end <= last.end) return;
    if (known !== undefined && this.#differsAgain(pattern, encoding, start, end, known))
      return this.#visitPiece(pattern, encoding, length, offset, position, groupEvidence);
    const isShifted = overlaps && known !== undefined && start < known.start + length;
    const isRepeated = isShifted && known.period > 0 && (start - known.start) % known.period === 0;
    const mismatch = isRepeated
      ? this.#differsFrom(known.start + length, pattern, encoding, start, end)
      : this.#mismatch(pattern, encoding, start, end, offset);
    if (mismatch !== nowhere) {
      const noted = this.#note(variant, known);
      noted.differsAt = mismatch;
      noted.differingUnit = mismatch - start;
      return this.#visitPiece(pattern, encoding, length, offset, position, groupEvidence);
    }
    if (pattern.isWord && (isWordAt(this.#text, start - 1) || isWordAt(this.#text, end))) return;
    const place = this.#widened(pattern, encoding, start, end);
    const noted = this.#note(variant, known);
    // what stands at two places that overlap repeats itself after as many units as they are apart
    if (isShifted && !isRepeated) noted.period = start - noted.start;
    noted.start = start;
    if (overlaps) last.end = place.end;
    else {
      noted.last = { ...place, pattern, encoding: encoding.name, trimmed: encoding.trimmed?.(pattern) };
      this.#found.push(noted.last);
    }
  }

  #note(variant: number, known: Known | undefined): Known {
    if (known !== undefined) return known;
    const noted: Known = { last: undefined, start: 0, period: 0, differsAt: nowhere, differingUnit: 0 };
    this.#known.set(variant, noted);
    return noted;
  }

  /** Whether two looks are enough, at where they differed last. */
  #differsAgain(pattern: Pattern, encoding: Encoding, start: number, end: number, known: Known): boolean {
    const { differsAt, differingUnit } = known;
    if (differsAt === nowhere) return false;
    this.compared += 2;
    if (this.#text.charCodeAt(start + differingUnit) !== encoding.unitAt(pattern, differingUnit)) return true;
    const isNear = differsAt >= start && differsAt < end;
    return isNear && this.#text.charCodeAt(differsAt) !== encoding.unitAt(pattern, differsAt - start);
  }

  /** A place where the text differs from the variant; it is looked for from the n-gram on to the end, and then before it. */
  #mismatch(pattern: Pattern, encoding: Encoding, start: number, end: number, offset: number): number {
    const text = this.#text;
    const from = start + offset;
    const after = this.#differsFrom(from, pattern, encoding, start, end);
    if (after !== nowhere) return after;
    let at = from - 1;
    while (at >= start && text.charCodeAt(at) === encoding.unitAt(pattern, at - start)) at--;
    this.compared += from - at;
    return at < start ? nowhere : at;
  }

  #differsFrom(from: number, pattern: Pattern, encoding: Encoding, start: number, end: number): number {
    const text = this.#text;
    let at = from;
    while (at < end && text.charCodeAt(at) === encoding.unitAt(pattern, at - start)) at++;
    this.compared += at - from + 1;
    return at < end ? at : nowhere;
  }

  /**
   * Notes a place that has so much of a variant in a row that the rest may stand near, in other pieces: where the variant goes on
   * and the text does not, there is something that is dropped, or a mark of omission.
   */
  #visitPiece(
    pattern: Pattern,
    of: Pick<Sketch, "unitAt">,
    length: number,
    offset: number,
    position: number,
    evidence: number,
  ): void {
    if (this.#pieces.length > mostPieces || isWithin(this.#found, position, mostPieces)) return;
    const text = this.#text;
    const mostBefore = Math.min(offset, enough);
    const mostAfter = Math.min(length - offset, enough);
    if (!this.#mayReachBreaks(pattern, of, offset, position, mostBefore, mostAfter)) return;
    let before = 0;
    while (before < mostBefore && text.charCodeAt(position - before - 1) === of.unitAt(pattern, offset - before - 1))
      before++;
    let after = 0;
    while (after < mostAfter && text.charCodeAt(position + after) === of.unitAt(pattern, offset + after)) after++;
    this.compared += before + after;
    if (before + after < evidence) return;
    const mayBegin = before === mostBefore || mayGoOnBefore(text, position - before);
    if (mayBegin && (after === mostAfter || mayGoOnAt(text, position + after))) this.#pieces.push(position);
  }

  /**
   * Tells by a look at each side whether a piece may stand at a place: it has all units up to a break, or as many as are enough. Zeros in
   * a pattern are met everywhere in a text of zeros.
   */
  #mayReachBreaks(
    pattern: Pattern,
    of: Pick<Sketch, "unitAt">,
    offset: number,
    position: number,
    mostBefore: number,
    mostAfter: number,
  ): boolean {
    const text = this.#text;
    this.#findBreaksAround(position);
    const before = Math.min(mostBefore, position - this.#unbrokenFrom);
    const after = Math.min(mostAfter, this.#unbrokenTo - position);
    this.compared += 2;
    return (
      (before <= 0 || text.charCodeAt(position - before) === of.unitAt(pattern, offset - before)) &&
      (after <= 0 || text.charCodeAt(position + after - 1) === of.unitAt(pattern, offset + after - 1))
    );
  }

  /** Places come in order, so each character is looked at about once. */
  #findBreaksAround(position: number): void {
    const text = this.#text;
    if (position < this.#unbrokenFrom || position > this.#unbrokenTo) {
      const first = Math.max(0, position - enough);
      let from = position;
      while (from > first && !mayGoOnAt(text, from - 1)) from--;
      this.compared += position - from;
      this.#unbrokenFrom = from;
      this.#unbrokenTo = position;
    }
    const last = Math.min(text.length, position + enough);
    let to = this.#unbrokenTo;
    while (to < last && !mayGoOnAt(text, to)) to++;
    this.compared += to - this.#unbrokenTo;
    this.#unbrokenTo = to;
  }

  #visitFragment(variant: number, pattern: Pattern, offset: number, position: number): void {
    const known = this.#known.get(variant);
    if (known?.last !== undefined && position >= known.last.start && position < known.last.end) return;
    if (this.#variedAt !== position) {
      this.#variedAt = position;
      this.#isVaried = isVaried(this.#text, position);
      this.compared += 2 * fragmentLength;
    }
    const run = this.#isVaried ? commonRun(this.#text, pattern, offset, position) : undefined;
    if (run === undefined) return;
    this.compared += run.end - run.start;
    const noted = this.#note(variant, known);
    if (noted.last !== undefined && run.start <= noted.last.end) noted.last.end = Math.max(noted.last.end, run.end);
    else {
      noted.last = { ...run, pattern, encoding: "fragment" };
      this.#found.push(noted.last);
    }
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
}

/** Whether a place is in one of the last ranges; what lacks its edges counts only where escapes are undone. */
function isWithin(ranges: readonly Range[], place: number, most: number): boolean {
  for (let index = ranges.length - 1; index >= Math.max(0, ranges.length - most); index--) {
    const { start, end, trimmed } = ranges[index] as Range;
    if (trimmed === undefined && place >= start && place < end) return true;
  }
  return false;
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
