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
/** The number of equal characters on one side of an n-gram that is sufficient evidence. */
const enough = 32;
/** The maximum number of noted positions; of more, one is certain not to belong to a whole value. */
const mostPieces = 8;

/** The facts about a variant in the searched text. */
interface Known {
  /** Its last occurrence; overlapping repetitions are one range. */
  last: Mutable<Range> | undefined;
  /** The start of its last occurrence, and the period of its repetition; 0 while that is unknown. */
  start: number;
  period: number;
  /** The positions of the last difference, in the text and in the variant; most other candidates differ at one of these, too. */
  differsAt: number;
  differingUnit: number;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/**
 * Compares the candidates that sampling has found with the variants themselves, one text at a time. A repetitive text may
 * contain very many candidates, so facts about variants are kept: a variant is not compared within an occurrence, nor if one
 * character shows that it does not match.
 */
export class Matcher implements Visitor {
  readonly #patterns: readonly (Pattern | undefined)[];
  #text = "";
  #found: Range[] = [];
  readonly #known = new Map<number, Known>();
  /** A position whose surroundings were checked, and whether they may contain a fragment. */
  #variedAt = nowhere;
  #isVaried = false;
  /** The range around a position without a break between two pieces, as far as it was checked. */
  #unbrokenFrom = nowhere;
  #unbrokenTo = nowhere;
  /** Positions at which the text contains so much of a pattern that the rest may follow in other pieces. */
  readonly #pieces: number[] = [];
  /** Whether there is such a position outside of whole values. */
  sawPiece = false;
  /** The number of compared characters and candidates, which tests use to check that the time is linear. */
  compared = 0;

  /** @param patterns the patterns by id; the list changes */
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

  /** Ends a search, and returns the occurrences in no particular order. */
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
    // Two overlapping occurrences repeat with a period of their distance.
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

  /** Whether one of the two positions of the last difference shows that the variant does not match. */
  #differsAgain(pattern: Pattern, encoding: Encoding, start: number, end: number, known: Known): boolean {
    const { differsAt, differingUnit } = known;
    if (differsAt === nowhere) return false;
    this.compared += 2;
    if (this.#text.charCodeAt(start + differingUnit) !== encoding.unitAt(pattern, differingUnit)) return true;
    const isNear = differsAt >= start && differsAt < end;
    return isNear && this.#text.charCodeAt(differsAt) !== encoding.unitAt(pattern, differsAt - start);
  }

  /** Returns a position at which text and variant differ, searched from the n-gram to the end and then before it. */
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
   * Notes a position with so much of a variant that the rest may follow in other pieces: at the first difference, the text has
   * a character that is dropped, or a mark of omission.
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
   * Whether a piece may occur at a position, by one comparison on each side: all units up to a break are equal, or sufficiently
   * many. This excludes zeros of a pattern in a text of zeros at low cost.
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

  /** Finds the breaks around a position. Positions are in order, so each character is examined about once. */
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

  /**
   * Extends an occurrence by the base64 characters at its edges that contain bits of the value, and by the padding, which
   * reveals its length.
   */
  #widened(pattern: Pattern, encoding: Encoding, start: number, end: number): { start: number; end: number } {
    const edges = encoding.edges?.(pattern);
    if (edges === undefined) return { start, end };
    const text = this.#text;
    const from = edges.left && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
    const to = edges.right && isBase64Unit(text.charCodeAt(end)) ? end + 1 : end;
    return { start: from, end: afterPadding(text, to) };
  }
}

/** Whether a position is within one of the last ranges, except those of trimmed variants, which count only in decoded text. */
function isWithin(ranges: readonly Range[], place: number, most: number): boolean {
  for (let index = ranges.length - 1; index >= Math.max(0, ranges.length - most); index--) {
    const { start, end, trimmed } = ranges[index] as Range;
    if (trimmed === undefined && place >= start && place < end) return true;
  }
  return false;
}

/** Returns the end of padding near a position; it belongs to the value and reveals its length. */
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
