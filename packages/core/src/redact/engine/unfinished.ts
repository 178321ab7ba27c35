import { isBase64Unit } from "./base64-unit.ts";
import { type CanonicalView, canonicalView } from "./canonical-view.ts";
import { openEscapeAt } from "./escape.ts";
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
const mayEndInPlus = /[+bB;}]$/;
const anyLetter = "x";
/** UTF-8 of what stands for the first half of a pair of surrogates. */
const halfPair = "\xef\xbf\xbd";
/** One character of a spread text that is several, behind its quote. */
const longCharacter = /["'`](?:\\+(?:[^ux]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|[\ud800-\udbff][\udc00-\udfff]?)$/;
const longestCharacter = 24;

/** The beginning of a value at the end of a text. */
export interface Beginning extends PartialMatch {
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
    const plain = earliest([...new Set([text, beforeMark(text)])].map((one) => this.#beginningIn(one, text)));
    if (!escapes.test(text)) return plain;
    const from = Math.max(0, text.length - this.mostHeld);
    const escaped = this.#escapedAt(text.slice(from, openEscapeAt(text)), text, mostExactLevels);
    return earliest([plain, escaped && { ...escaped, start: from + escaped.start }]);
  }

  /** Where all escapes are undone at once, and one level of backslashes at a time, as a value is found. */
  #escapedAt(shown: string, text: string, levels: number): Beginning | undefined {
    const matches = this.#viewsOf(shown).map((view) => {
      const match = earliest(endingsOf(view.text).map((one) => this.#beginningIn(one, text)));
      return match && { ...match, start: view.startOf(match.start) };
    });
    if (levels === mostExactLevels ? shown.includes("\\") : levels > 0 && codeEscape.test(shown)) {
      const { text: reading, origins } = unescaped(shown);
      for (const match of [this.#beginningIn(reading, text), this.#escapedAt(reading, text, levels - 1)])
        matches.push(match && { ...match, start: origins.startOf(match.start) });
    }
    return earliest(matches);
  }

  /** Most lines end in a letter that some variant begins with; a value that is broken over lines, or cut, has more of itself there. */
  #beginningIn(shown: string, text: string): Beginning | undefined {
    const isEnded = text.endsWith("\n")
      ? !piecesGoOn.test(text.slice(-longestMark))
      : markBegun.test(text.slice(-longestMark));
    const isLine = isEnded && shown !== text;
    const match = this.#prefixes.partialMatch(shown, isLine ? minKept : 1);
    return match && { ...match, isShort: isLine && shown.length - match.start < minOfLine };
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
    const valueStart = value === undefined || value.isShort ? text.length : value.start;
    const start = Math.min(openEscapeAt(text), openInEscapesAt(text), openDumpAt(text), openListAt(text), valueStart);
    if (start === text.length && isHighSurrogate(text.charCodeAt(start - 1))) return start - 1;
    // the character before what is base64 may hold some bits of it
    return start > 0 && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
  }
}

/** What a text shows before what may go on: a mark of omission, an escape that is written with escapes, half a pair. */
function endingsOf(view: string): readonly string[] {
  const endings = [view, view.slice(0, openEscapeAt(view)), beforeMark(view)];
  if (view.endsWith(halfPair)) endings.push(view.slice(0, -halfPair.length));
  return [...new Set(endings)];
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
  if (isInList(text.charCodeAt(at - 1))) return at - 1;
  if (escapedBlank.test(text.slice(at - 2, at))) return at - 2;
  const colour = text.lastIndexOf("\u001b[", at);
  if (text[at - 1] === "m" && colour >= 0 && colour > at - longestColour) {
    return /^[\d;:]*m$/.test(text.slice(colour + 2, at)) ? colour : at;
  }
  // one character in quotes
  if (at < text.length && !isQuote(text[at]) && text[at] !== "\\") return at;
  if (isQuote(text[at - 2])) return at - 1;
  const from = Math.max(0, at - longestCharacter);
  const long = longCharacter.exec(text.slice(from, at));
  return long === null ? at : from + long.index;
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
