import type { Finder } from "../engine/finder.ts";
import type { Pattern } from "../engine/pattern.ts";
import { merged, type Range } from "../engine/range.ts";
import type { Unfinished } from "../engine/unfinished.ts";

/** The parts that mask the text of a stream. */
export interface StreamMasking {
  readonly finder: Finder;
  readonly unfinished: Unfinished;
  marker(pattern: Pattern): string;
  /** Called with all replaced values. */
  report(ranges: readonly Range[]): void;
}

/** The minimum length from which the beginning of a value is masked when the hold time is over. */
const minPartial = 8;

/** The length of held text from which it is searched again only after it has grown by a quarter. */
const manyHeld = 1_024;
/** The characters that may follow a value in base64, up to its padding. */
const mayGoOn = /^[A-Za-z0-9+/_=-]{0,10}$/;

/** Masks text that arrives in pieces. Text that may be the beginning of a value is held until that is decided. */
export class HeldText {
  readonly #masking: StreamMasking;
  /** The held text, and some text before it that was already sent. */
  #text = "";
  /** The length of the sent part of the text. */
  #sent = 0;
  /** The length from which the text is searched again. */
  #nextLength = 0;
  /** Whether a marker was sent for the end of the text. */
  #isMarked = false;

  constructor(masking: StreamMasking) {
    this.#masking = masking;
  }

  get isEmpty(): boolean {
    return this.#sent === this.#text.length;
  }

  /** Adds a piece, and returns the text that can be sent. */
  push(piece: string): string {
    this.#text += piece;
    if (this.#text.length < this.#nextLength) return "";
    const { unfinished, finder } = this.#masking;
    const ranges = merged(finder.find(this.#text));
    const most = unfinished.mostHeld;
    const least = this.#text.length > most ? this.#text.length - most / 2 : 0;
    const value = unfinished.valueAt(this.#text);
    let cut = Math.max(unfinished.startIn(this.#text, value), least);
    for (const { start, end } of ranges.toReversed()) {
      // A value at the end of the text may continue, as a part of a longer value or with the padding of base64.
      if (start < cut && (end > cut || mayGoOn.test(this.#text.slice(end)))) cut = start;
    }
    cut = wholeBefore(this.#text, cut);
    // Endless repetition of a value would be held forever.
    if (this.#text.length - cut > most) return this.release();
    const sent = this.#send(cut, ranges, value?.isShort && cut === this.#text.length ? value.start : cut);
    // Otherwise held text would be searched again for each small piece.
    this.#nextLength = this.#text.length > manyHeld ? Math.min(1.25 * this.#text.length, most) : 0;
    return sent;
  }

  /** Returns all held text. The beginning of a value is masked, and so is its rest when it arrives. */
  release(): string {
    this.#nextLength = 0;
    const { unfinished, finder } = this.#masking;
    const value = unfinished.valueAt(this.#text);
    const ranges = merged(finder.find(this.#text));
    const last = ranges.at(-1);
    if (value === undefined || value.isShort || (last !== undefined && last.end > value.start))
      return this.#send(this.#text.length, ranges);
    const before = this.#send(Math.max(value.start, this.#sent), ranges, value.start);
    const isLong = this.#text.length >= minPartial;
    const rest = this.#isMarked ? "" : isLong ? this.#masking.marker(value.pattern) : this.#text.slice(this.#sent);
    this.#sent = this.#text.length;
    this.#isMarked ||= isLong;
    return before + rest;
  }

  /** Returns all held text at the end of the stream. */
  end(): string {
    return this.#send(this.#text.length, merged(this.#masking.finder.find(this.#text)));
  }

  /**
   * Returns the masked text up to a position, and forgets the text before it, or before an earlier position that no value
   * covers.
   */
  #send(cut: number, ranges: readonly Range[], keepFrom = cut): string {
    let masked = "";
    let from = this.#sent;
    const replaced = ranges.filter(({ end }) => end <= cut && end > this.#sent);
    for (const { start, end, pattern } of replaced) {
      const isContinued = start < this.#sent;
      masked += this.#text.slice(from, Math.max(from, start));
      if (!isContinued || !this.#isMarked) masked += this.#masking.marker(pattern);
      from = end;
    }
    masked += this.#text.slice(from, Math.max(from, cut));
    if (cut > this.#sent) {
      const kept = Math.max(keepFrom, replaced.at(-1)?.end ?? 0);
      this.#text = this.#text.slice(kept);
      this.#sent = cut - kept;
      this.#isMarked = false;
    }
    if (replaced.length > 0) this.#masking.report(replaced);
    return masked;
  }
}

/** Moves a place between the two units of a character before them: each piece that goes out is encoded on its own. */
function wholeBefore(text: string, place: number): number {
  return /[\ud800-\udbff]/.test(text.charAt(place - 1)) && /[\udc00-\udfff]/.test(text.charAt(place))
    ? place - 1
    : place;
}
