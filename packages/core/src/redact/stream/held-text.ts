import type { Finder } from "../engine/finder.ts";
import type { Pattern } from "../engine/pattern.ts";
import { merged, type Range } from "../engine/range.ts";
import type { Unfinished } from "../engine/unfinished.ts";

/** What the text of a stream is masked with. */
export interface StreamMasking {
  readonly finder: Finder;
  readonly unfinished: Unfinished;
  marker(pattern: Pattern): string;
  /** Told of all that is replaced. */
  report(ranges: readonly Range[]): void;
}

/** The beginning of a value is masked, when it can be waited for no longer, if it is at least this long. */
const minPartial = 8;

/** From here on held text is looked at again only when it has grown by a quarter. */
const manyHeld = 1_024;
/** What may stand between the end of base64 and its padding. */
const mayGoOn = /^[A-Za-z0-9+/_=-]{0,10}$/;

/** Text that comes in pieces and goes out masked. What may be the beginning of a value is held until it is decided. */
export class HeldText {
  readonly #masking: StreamMasking;
  /** What was held, and some text before it that went out already. */
  #text = "";
  /** How much of the text went out. */
  #sent = 0;
  /** Until it is as long as this there is no use in looking at it. */
  #nextLength = 0;
  /** Whether a marker went out for the end of it. */
  #isMarked = false;

  constructor(masking: StreamMasking) {
    this.#masking = masking;
  }

  get isEmpty(): boolean {
    return this.#sent === this.#text.length;
  }

  /** Takes a piece, and gives what can go out. */
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
      // What ends with the text may go on, as a part of a longer value or up to the padding of base64.
      if (start < cut && (end > cut || mayGoOn.test(this.#text.slice(end)))) cut = start;
    }
    cut = wholeBefore(this.#text, cut);
    // A value that repeats itself for ever is one that never ends.
    if (this.#text.length - cut > most) return this.release();
    const sent = this.#send(cut, ranges, value?.isShort && cut === this.#text.length ? value.start : cut);
    // What is held anew with each small piece would be looked through anew with each.
    this.#nextLength = this.#text.length > manyHeld ? Math.min(1.25 * this.#text.length, most) : 0;
    return sent;
  }

  /** Gives all that is held, for a while or for good; the beginning of a value is masked, and its rest when it comes. */
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

  /** Gives all that is held; nothing comes after it. */
  end(): string {
    return this.#send(this.#text.length, merged(this.#masking.finder.find(this.#text)));
  }

  /** Gives the masked text up to a place, and forgets what stands before it, or before an earlier one that no value covers. */
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
