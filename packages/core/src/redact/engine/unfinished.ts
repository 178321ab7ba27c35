import { isBase64Unit } from "./base64-unit.ts";
import { type CanonicalView, canonicalView } from "./canonical-view.ts";
import { beforeBackslashes, openEscapeAt } from "./escape.ts";
import type { Pattern } from "./pattern.ts";
import type { PatternIndex } from "./pattern-index.ts";
import type { PartialMatch, PrefixTable } from "./prefix-table.ts";
import { codeEscape, mostExactLevels, unescaped } from "./unescaped.ts";

/** What the canonical view undoes or drops. */
const escapes = /[\\%&\s\p{Cc}\p{Cf}"'`]/u;
/** More numbers than this on a line that has ended are a list that may go on in the next one. */
const minNumbers = 3;
const minOfLine = 8;
/** Less of a value ends too many lines by chance. */
const minKept = 4;
const dumpStart = "<Buffer";
/** A mark of omission that may have more dots, behind a quote or not. */
const markBegun = /[\\"'`]{0,8}\.{1,2}$/;
const longestMark = 12;
/** A string that goes on in the next line. */
const piecesGoOn = /["'`]\s{0,4}\+\s{1,4}$/;
/** An escape in escapes is shorter. */
const longestNested = 60;
const introducer = /[\\%&]/;
const lastEscapes = /(?:\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^ux])|%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{1,16};)+$/;
const mayEndInPlus = /[+bB;}]$/;
const anyLetter = "x";
/** UTF-8 of what stands for the first half of a pair of surrogates. */
const halfPair = "\xef\xbf\xbd";
/** One character of a spread text that is several, behind its quote. */
const longCharacter = /["'`](?:\\+(?:[^ux]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|[\ud800-\udbff][\udc00-\udfff]?)$/;
const longestCharacter = 24;

/** The beginning of a value at the end of a text. */
export interface Beginning {
  readonly pattern: Pattern;
  readonly start: number;
  /** Where that begins what tells how it is read: an escape that takes its first characters. */
  readonly heldFrom: number;
  /** Whether the line has ended and has too little of it to be held. */
  readonly isShort: boolean;
}

/** Finds where a text that goes on later must not be cut, since a value may have begun there. */
export class Unfinished {
  readonly #index: PatternIndex;
  readonly #prefixes: PrefixTable;

  constructor(index: PatternIndex, prefixes: PrefixTable) {
    this.#index = index;
    this.#prefixes = prefixes;
  }

  /** More text than this is never held back: the longest variant, six times for its escapes, and then some. */
  get mostHeld(): number {
    return 2 * (32 * 1024 + 3 * this.#prefixes.longest);
  }

  /** The beginning of a value at the end of a text, as it is or escaped. */
  valueAt(text: string): Beginning | undefined {
    if (this.#index.isEmpty) return undefined;
    const plain = earliest(readingsOf(text, []).map((one) => this.#beginningIn(one, text, (match) => match.start)));
    if (!escapes.test(text)) return plain;
    const from = Math.max(0, text.length - this.mostHeld);
    const escaped = this.#escapedAt(text.slice(from, openEscapeAt(text)), text, mostExactLevels);
    return earliest([plain, escaped && moved(escaped, (place) => from + place)]);
  }

  /** Where all escapes are undone at once, and one level of backslashes at a time, as a value is found. */
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

  /** Most lines end in a letter that some variant begins with; a value that is broken over lines, or cut, has more of itself there. */
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

  /** A plus sign at the end stands between two pieces or is one of the value, by what comes next. */
  #viewsOf(text: string): readonly CanonicalView[] {
    const view = canonicalView(text);
    if (!mayEndInPlus.test(text)) return [view];
    const { text: longer, ...places } = canonicalView(`${text}${anyLetter}`);
    return [view, { ...places, text: longer.slice(0, -1) }];
  }

  /** The place from which the text, which ends in that value, may be something whose rest decides what it is. */
  startIn(text: string, value: Beginning | undefined): number {
    if (this.#index.isEmpty) return text.length;
    const valueStart = value === undefined || value.isShort ? text.length : value.heldFrom;
    const dropped = this.#prefixes.mayBeginDropped ? droppedAt(text) : text.length;
    const open = Math.min(openEscapeAt(text), openInEscapesAt(text), dropped);
    // A backslash before it may be one of the value, or stand for its first characters.
    const escaped = open === text.length ? open : beforeBackslashes(text, open);
    const start = Math.min(escaped, openDumpAt(text), openListAt(text), valueStart);
    if (start === text.length && isHighSurrogate(text.charCodeAt(start - 1))) return start - 1;
    // the character before what is base64 may hold some bits of it
    return start > 0 && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
  }
}

/** What a text shows before what may go on. */
interface Ending {
  readonly shown: string;
  /** Whether that is a mark of omission, which few values have before them. */
  readonly isBeforeMark: boolean;
}

/** What a view shows before what may go on: an escape that is written with escapes, half a pair, a mark of omission. */
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

/** Where escapes begin that stand for the beginning of an escape: `%25` may go on as `%2541`. */
function openInEscapesAt(text: string): number {
  const from = Math.max(0, text.length - longestNested);
  const tail = text.slice(from);
  if (tail.endsWith("\n") || !introducer.test(tail)) return text.length;
  const view = canonicalView(tail);
  const open = openEscapeAt(view.text);
  if (open === view.text.length || view.endOf(view.text.length - 1) < tail.length) return text.length;
  return from + view.startOf(open);
}

/** Where escapes begin, at the end, of quotes and the like: a value may begin with them. */
function droppedAt(text: string): number {
  const from = Math.max(0, text.length - longestNested);
  const found = lastEscapes.exec(text.slice(from));
  return found === null || canonicalView(found[0]).text !== "" ? text.length : from + found.index;
}

/** A short one only where there is no other. */
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

/** Where a list of numbers, or of single characters by number, begins that the end of a text may be in the middle of. */
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

/** An object that may be a spread text. */
function openObjectAt(text: string): number {
  const from = Math.max(0, text.length - longestCharacter);
  const open = openObject.exec(text.slice(from));
  return open === null ? text.length : from + open.index;
}

/** JSON in JSON is indented with it. */
const escapedBlank = /^\\[nrt]$/;
const openObject = /\{\s{0,8}\\{0,8}["'`]?(?<!\n)$/;
const comma = 0x2c;
const maxIndent = 200;
const longestColour = 32;

/** Where what belongs to such a list begins before a place; the place itself if nothing does. */
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
  // one character in quotes
  return mayEndCharacter && isQuote(text[at - 2]) ? at - 1 : at;
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === "`";
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Digits, commas, colons, quotes, backslashes before them, and white space. */
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
