import { isBase64Unit } from "./base64-unit.ts";
import { type CanonicalView, canonicalView } from "./canonical-view.ts";
import { beforeBackslashes, openEscapeAt } from "./escape.ts";
import type { Pattern } from "./pattern.ts";
import type { PatternIndex } from "./pattern-index.ts";
import type { PartialMatch, PrefixTable } from "./prefix-table.ts";
import { codeEscape, mostExactLevels, unescaped } from "./unescaped.ts";

/** The characters that the canonical view decodes or drops. */
const escapes = /[\\%&\s\p{Cc}\p{Cf}"'`]/u;
/** The minimum number of commas on a finished line for a list that may continue on the next one. */
const minNumbers = 3;
const minOfLine = 8;
/** The minimum length of the beginning of a value at the end of a line; shorter ones occur by chance. */
const minKept = 4;
const dumpStart = "<Buffer";
/** A mark of omission that may continue, after a quote or not. */
const markBegun = /[\\"'`]{0,8}\.{1,2}$/;
const longestMark = 12;
/** A string that continues on the next line. */
const piecesGoOn = /["'`]\s{0,4}\+\s{1,4}$/;
/** The maximum length of a nested escape. */
const longestNested = 60;
const introducer = /[\\%&]/;
const lastEscapes = /(?:\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^ux])|%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{1,16};)+$/;
const mayEndInPlus = /[+bB;}]$/;
const anyLetter = "x";
/** The UTF-8 of the replacement of a single surrogate. */
const halfPair = "\xef\xbf\xbd";
/** One escaped character of a spread text, after its quote. */
const longCharacter = /["'`](?:\\+(?:[^ux]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|[\ud800-\udbff][\udc00-\udfff]?)$/;
const longestCharacter = 24;

/** The beginning of a value at the end of a text. */
export interface Beginning {
  readonly pattern: Pattern;
  readonly start: number;
  /** The start of the text that determines how it is decoded: an escape that contains its first characters. */
  readonly heldFrom: number;
  /** Whether the line has ended with a part that is too short to be held. */
  readonly isShort: boolean;
}

/** Finds the position before which a text that continues later may be cut, because a value may have begun there. */
export class Unfinished {
  readonly #index: PatternIndex;
  readonly #prefixes: PrefixTable;

  constructor(index: PatternIndex, prefixes: PrefixTable) {
    this.#index = index;
    this.#prefixes = prefixes;
  }

  /** The maximum length of held text: the longest variant, six times for its escapes, and some more. */
  get mostHeld(): number {
    return 2 * (32 * 1024 + 3 * this.#prefixes.longest);
  }

  /** Returns the beginning of a value at the end of a text, unescaped or escaped. */
  valueAt(text: string): Beginning | undefined {
    if (this.#index.isEmpty) return undefined;
    const plain = earliest(readingsOf(text, []).map((one) => this.#beginningIn(one, text, (match) => match.start)));
    if (!escapes.test(text)) return plain;
    const from = Math.max(0, text.length - this.mostHeld);
    const escaped = this.#escapedAt(text.slice(from, openEscapeAt(text)), text, mostExactLevels);
    return earliest([plain, escaped && moved(escaped, (place) => from + place)]);
  }

  /** Searches with all escapes decoded, and with one level of backslashes after the other, as values are searched. */
  #escapedAt(shown: string, text: string, levels: number): Beginning | undefined {
    const matches = this.#viewsOf(shown).flatMap((view) => {
      const startOf = ({ start, droppedBefore }: PartialMatch): number => view.startWith(start, droppedBefore);
      return endingsOf(view.text).map((one) => this.#beginningIn(one, text, startOf));
    });
    if (levels === mostExactLevels ? shown.includes("\\") : levels > 0 && codeEscape.test(shown)) {
      const { text: reading, origins } = unescaped(shown);
      const exact = this.#beginningIn({ shown: reading, isBeforeMark: false }, text, ({ start }) => start);
      for (const match of [exact, this.#escapedAt(reading, text, levels - 1)])
        matches.push(match && moved(match, (place) => origins.startOf(place)));
    }
    return earliest(matches);
  }

  /**
   * Requires a longer beginning at the end of a line or before a mark of omission: most lines end in a letter with which some
   * variant begins.
   */
  #beginningIn(
    { shown, isBeforeMark }: Ending,
    text: string,
    startOf: (match: PartialMatch) => number,
  ): Beginning | undefined {
    const isLine = text.endsWith("\n") && shown !== text && !piecesGoOn.test(text.slice(-longestMark));
    const match = this.#prefixes.partialMatch(shown, isLine || isBeforeMark ? minKept : 1);
    if (match === undefined) return undefined;
    const start = startOf(match);
    const heldFrom = match.takenBefore === 0 ? start : Math.max(0, start - longestNested);
    const isShort = (isLine || isBeforeMark) && shown.length - match.start < minOfLine;
    return { pattern: match.pattern, start, heldFrom, isShort };
  }

  /** Returns both views of a text whose last plus sign may join two pieces or belong to the value. */
  #viewsOf(text: string): readonly CanonicalView[] {
    const view = canonicalView(text);
    if (!mayEndInPlus.test(text)) return [view];
    const { text: longer, ...places } = canonicalView(`${text}${anyLetter}`);
    return [view, { ...places, text: longer.slice(0, -1) }];
  }

  /** Returns the position from which the rest of the text may depend on what follows. */
  startIn(text: string, value: Beginning | undefined): number {
    if (this.#index.isEmpty) return text.length;
    const valueStart = value === undefined || value.isShort ? text.length : value.heldFrom;
    const dropped = this.#prefixes.mayBeginDropped ? droppedAt(text) : text.length;
    const open = Math.min(openEscapeAt(text), openInEscapesAt(text), dropped);
    // A backslash before it may be one of the value, or stand for its first characters.
    const escaped = open === text.length ? open : beforeBackslashes(text, open);
    const start = Math.min(escaped, openDumpAt(text), openListAt(text), valueStart);
    if (start === text.length && isHighSurrogate(text.charCodeAt(start - 1))) return start - 1;
    // The character before base64 may contain some bits of the value.
    return start > 0 && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
  }
}

/** The text before a part that may continue. */
interface Ending {
  readonly shown: string;
  /** Whether that part is a mark of omission, which few values precede. */
  readonly isBeforeMark: boolean;
}

/** Returns the view without an unfinished nested escape, a single surrogate or a mark of omission. */
function endingsOf(view: string): readonly Ending[] {
  const half = view.endsWith(halfPair) ? view.slice(0, -halfPair.length) : view;
  return readingsOf(view, [view.slice(0, openEscapeAt(view)), half]);
}

function readingsOf(text: string, others: readonly string[]): readonly Ending[] {
  const shown = beforeMark(text);
  const endings = [...new Set([text, ...others])].map((one) => ({ shown: one, isBeforeMark: false }));
  return shown === text ? endings : [...endings, { shown, isBeforeMark: true }];
}

function moved(beginning: Beginning, toPlace: (place: number) => number): Beginning {
  return { ...beginning, start: toPlace(beginning.start), heldFrom: toPlace(beginning.heldFrom) };
}

function beforeMark(text: string): string {
  const from = Math.max(0, text.length - longestMark);
  const mark = markBegun.exec(text.slice(from));
  return mark === null ? text : text.slice(0, from + mark.index);
}

/** Returns the start of escapes that encode the beginning of an escape: `%25` may continue as `%2541`. */
function openInEscapesAt(text: string): number {
  const from = Math.max(0, text.length - longestNested);
  const tail = text.slice(from);
  if (tail.endsWith("\n") || !introducer.test(tail)) return text.length;
  const view = canonicalView(tail);
  const open = openEscapeAt(view.text);
  if (open === view.text.length || view.endOf(view.text.length - 1) < tail.length) return text.length;
  return from + view.startOf(open);
}

/** Returns the start of escaped quotes and the like at the end, with which a value may begin. */
function droppedAt(text: string): number {
  const from = Math.max(0, text.length - longestNested);
  const found = lastEscapes.exec(text.slice(from));
  return found === null || canonicalView(found[0]).text !== "" ? text.length : from + found.index;
}

/** Returns the earliest match; a short one only if there is no other. */
function earliest(matches: readonly (Beginning | undefined)[]): Beginning | undefined {
  const found = matches.filter((match) => match !== undefined);
  const long = found.filter(({ isShort }) => !isShort);
  return (long.length > 0 ? long : found).reduce<Beginning | undefined>(
    (first, match) => (first === undefined || match.start < first.start ? match : first),
    undefined,
  );
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function openDumpAt(text: string): number {
  const start = text.lastIndexOf(dumpStart);
  if (start !== -1 && !text.includes(">", start)) return start;
  for (let length = Math.min(text.length, dumpStart.length - 1); length > 0; length--) {
    if (text.endsWith(dumpStart.slice(0, length))) return text.length - length;
  }
  return text.length;
}

/** Returns the start of an unfinished list of numbers, or of single characters by index. */
function openListAt(text: string): number {
  let start = openEscapeAt(text);
  let commas = 0;
  let digits = 0;
  for (let next = listedBefore(text, start); next < start; next = listedBefore(text, start)) {
    start = next;
    const unit = text.charCodeAt(start);
    if (unit === comma) commas++;
    else if (isDigit(unit)) digits++;
  }
  if (digits === 0) return openObjectAt(text);
  const mayGoOn = text.endsWith("\n") ? commas >= minNumbers || /,\s*$/.test(text.slice(-maxIndent)) : true;
  return mayGoOn ? start : text.length;
}

/** Returns the start of an object that may be a spread text. */
function openObjectAt(text: string): number {
  const from = Math.max(0, text.length - longestCharacter);
  const open = openObject.exec(text.slice(from));
  return open === null ? text.length : from + open.index;
}

/** The escaped white space of JSON in JSON. */
const escapedBlank = /^\\[nrt]$/;
const openObject = /\{\s{0,8}\\{0,8}["'`]?(?<!\n)$/;
const comma = 0x2c;
const maxIndent = 200;
const longestColour = 32;

/** Returns the start of a list element before a position; the position itself if there is none. */
function listedBefore(text: string, at: number): number {
  if (at === 0) return at;
  const mayEndCharacter = at === text.length || isQuote(text[at]) || text[at] === "\\";
  const from = Math.max(0, at - longestCharacter);
  const long = mayEndCharacter ? longCharacter.exec(text.slice(from, at)) : null;
  if (long !== null) return from + long.index;
  if (isInList(text.charCodeAt(at - 1))) return at - 1;
  if (escapedBlank.test(text.slice(at - 2, at))) return at - 2;
  const colour = text.lastIndexOf("\u001b[", at);
  if (text[at - 1] === "m" && colour >= 0 && colour > at - longestColour) {
    return /^[\d;:]*m$/.test(text.slice(colour + 2, at)) ? colour : at;
  }
  // A single character in quotes.
  return mayEndCharacter && isQuote(text[at - 2]) ? at - 1 : at;
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === "`";
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Whether a unit is a digit, comma, colon, quote, backslash or white space. */
function isInList(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x3a) ||
    unit === comma ||
    unit === 0x22 ||
    unit === 0x27 ||
    unit === 0x5c ||
    unit === 0x20 ||
    unit === 0x0a
  );
}
