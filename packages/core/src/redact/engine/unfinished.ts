import { isBase64Unit } from "./base64-unit.ts";
import { canonicalView } from "./canonical-view.ts";
import { openEscapeAt } from "./escape.ts";
import type { PatternIndex } from "./pattern-index.ts";
import type { PartialMatch, PrefixTable } from "./prefix-table.ts";

/** What the canonical view undoes or drops. */
const escapes = /[\\%&\s\p{Cc}"'`]/u;
/** More numbers than this on a line that has ended are a list that may go on in the next one. */
const minNumbers = 3;
const minOfLine = 8;
const dumpStart = "<Buffer";

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
  valueAt(text: string): PartialMatch | undefined {
    if (this.#index.isEmpty) return undefined;
    const plain = this.#prefixes.partialMatch(text);
    if (!escapes.test(text)) return plain;
    const from = Math.max(0, text.length - this.mostHeld);
    const view = canonicalView(text.slice(from, openEscapeAt(text)));
    // Most lines end in a letter that some variant begins with; a value that is broken over lines has more of itself on each.
    const match = this.#prefixes.partialMatch(view.text, text.endsWith("\n") ? minOfLine : 1);
    const escaped = match === undefined ? undefined : { ...match, start: from + view.startOf(match.start) };
    if (plain === undefined || escaped === undefined) return plain ?? escaped;
    return escaped.start < plain.start ? escaped : plain;
  }

  /** The place from which the text may be something whose rest decides what it is. */
  startIn(text: string): number {
    if (this.#index.isEmpty) return text.length;
    const value = this.valueAt(text)?.start ?? text.length;
    const start = Math.min(openEscapeAt(text), openDumpAt(text), openListAt(text), value);
    if (start === text.length && isHighSurrogate(text.charCodeAt(start - 1))) return start - 1;
    // the character before what is base64 may hold some bits of it
    return start > 0 && isBase64Unit(text.charCodeAt(start - 1)) ? start - 1 : start;
  }
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
  if (digits === 0) return text.length;
  const mayGoOn = text.endsWith("\n") ? commas >= minNumbers || /,\s*$/.test(text.slice(-maxIndent)) : true;
  return mayGoOn ? start : text.length;
}

const comma = 0x2c;
const maxIndent = 200;
const longestColour = 32;

/** Where what belongs to such a list begins before a place; the place itself if nothing does. */
function listedBefore(text: string, at: number): number {
  if (at === 0) return at;
  if (isInList(text.charCodeAt(at - 1))) return at - 1;
  const colour = text.lastIndexOf("\u001b[", at);
  if (text[at - 1] === "m" && colour >= 0 && colour > at - longestColour) {
    return /^[\d;:]*m$/.test(text.slice(colour + 2, at)) ? colour : at;
  }
  // one character in quotes
  return isQuote(text[at - 2]) && (at === text.length || isQuote(text[at]) || text[at] === "\\") ? at - 1 : at;
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
