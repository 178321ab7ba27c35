import { htmlReferences } from "./html-references.ts";

/** The character at a position of a text. */
export interface Escape {
  /** A code point or surrogate; a byte as `-1 - byte`; undefined for a sequence that encodes no character. */
  readonly code: number | undefined;
  /** The start of the character itself; backslashes before a character that needs no escape may belong to the text. */
  readonly start: number;
  readonly end: number;
}

const backslash = 0x5c;
const percent = 0x25;
const ampersand = 0x26;
const lowerU = 0x75;
const lowerX = 0x78;
/** The letters that denote a control character after a backslash. */
const controls = new Set("abfnrtv".split("").map((letter) => letter.charCodeAt(0)));
/**
 * The introducer of control sequences of terminals, such as `ESC [ 33 m` for a colour or `ESC [ K` to clear a line (ECMA-48,
 * section 5.4).
 */
const escapeCharacter = 0x1b;
const openingBracket = 0x5b;
const longestControl = 32;

/** An unfinished escape at the end of a text. */
const openEscape = new RegExp(
  [
    String.raw`(?:\\+(?:u\{?[0-9A-Fa-f]{0,5}|x[0-9A-Fa-f]?)?`,
    "%[0-9A-Fa-f]?",
    "&#?[0-9A-Za-z]{0,16}",
    String.raw`\x1b(?:\[[0-?]{0,30}|[(-/])?)$`,
  ].join("|"),
);
const longestEscape = 40;

/** A backslash in a URL, or in one that is part of another one. */
const encodedBackslash = /%(?:25){0,8}5[Cc]$/;
const longestBackslash = 19;

/** Returns the position of an unfinished escape at the end of a text; the length of the text if there is none. */
export function openEscapeAt(text: string): number {
  const from = Math.max(0, text.length - longestEscape);
  const open = openEscape.exec(text.slice(from));
  return open === null ? text.length : from + open.index;
}

/**
 * Returns the character at a position, with all nested escapes decoded: `%255C` is a percent sign, then a backslash, which may
 * begin the next escape. Consecutive backslashes count as one, because every level of nesting doubles them.
 */
export function escapeAt(text: string, at: number): Escape {
  let code: number | undefined = text.charCodeAt(at);
  let [start, end] = [at, at + 1];
  for (;;) {
    const inner = introduced(text, code, end);
    if (inner === undefined) return { code: code === backslash ? undefined : code, start, end };
    code = inner.code;
    start = inner.start ?? start;
    end = inner.end;
    if (code === undefined || code < 0) {
      // Bytes below 0x80 are characters, and may introduce an escape themselves.
      if (code === undefined || code < -128) return { code, start, end };
      code = -1 - code;
    }
  }
}

/** Returns the ends of an introducer at a position, unescaped and at each level of escapes, as of `%` and `%25`. */
export function introducerEndsAt(text: string, at: number, introducer: number): readonly number[] {
  const ends: number[] = [];
  let code: number | undefined = text.charCodeAt(at);
  for (let end = at + 1; code !== undefined; ) {
    if (code === introducer) ends.push(end);
    const inner = introduced(text, code, end);
    if (inner === undefined) break;
    code = inner.code !== undefined && inner.code < 0 ? -1 - inner.code : inner.code;
    end = inner.end;
  }
  return ends;
}

/** Where backslashes begin that end at a place, as they are or in percent escapes; the place itself if there are none. */
export function beforeBackslashes(text: string, at: number): number {
  let before = at;
  for (;;) {
    while (text[before - 1] === "\\") before--;
    const encoded = encodedBackslash.exec(text.slice(Math.max(0, before - longestBackslash), before));
    if (encoded === null) return before;
    before -= encoded[0].length;
  }
}

/** The character that an introducer and the text after it encode. */
interface Introduced {
  readonly code: number | undefined;
  /** The start of the character, if it is after the introducer. */
  readonly start?: number | undefined;
  readonly end: number;
}

/** Decodes the escape after an introducer; undefined if there is none. */
function introduced(text: string, code: number, end: number): Introduced | undefined {
  if (code === backslash) return afterBackslash(text, end);
  if (code === percent) return afterPercent(text, end);
  if (code === ampersand) return afterAmpersand(text, end);
  if (code === escapeCharacter) return afterEscapeCharacter(text, end);
  return undefined;
}

function afterBackslash(text: string, from: number): Introduced | undefined {
  let end = from;
  while (text.charCodeAt(end) === backslash) end++;
  if (end >= text.length) return end === from ? undefined : { code: undefined, end };
  const unit = text.charCodeAt(end);
  // The backslash may be escaped itself.
  const start = text.charCodeAt(end - 1) === backslash ? end - 1 : undefined;
  if (unit === lowerU) {
    const digits = /^(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/.exec(text.slice(end + 1, end + 9));
    const [matched = "", four, braced] = digits ?? [];
    if (matched !== "") {
      const code = Number.parseInt(four ?? braced ?? "", 16);
      return { code: Math.min(code, 0x10ffff), start, end: end + 1 + matched.length };
    }
  }
  if (unit === lowerX) {
    const byte = hexByteAt(text, end + 1);
    if (byte !== undefined) return { code: -1 - byte, start, end: end + 3 };
  }
  if (controls.has(unit)) return { code: undefined, start, end: end + 1 };
  return { code: unit, start: end, end: end + 1 };
}

function afterPercent(text: string, from: number): Introduced | undefined {
  const byte = hexByteAt(text, from);
  return byte === undefined ? undefined : { code: -1 - byte, end: from + 2 };
}

function afterAmpersand(text: string, from: number): Introduced | undefined {
  const entity = /^(?:#[xX]([0-9A-Fa-f]{1,6})|#(\d{1,7})|([A-Za-z]{2,16}\d{0,2}));/.exec(text.slice(from, from + 20));
  if (entity === null) return undefined;
  const [matched, hex, decimal, name] = entity;
  const code =
    name === undefined ? Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16) : htmlReferences.get(name);
  return code === undefined ? undefined : { code: Math.min(code, 0x10ffff), end: from + matched.length };
}

/** Decodes a control sequence of a terminal, which encodes no character. */
function afterEscapeCharacter(text: string, from: number): Introduced | undefined {
  const unit = text.charCodeAt(from);
  if (isCharacterSet(unit))
    return isParameter(text.charCodeAt(from + 1)) || isFinal(text.charCodeAt(from + 1))
      ? { code: undefined, end: from + 2 }
      : undefined;
  if (unit !== openingBracket) return undefined;
  let end = from + 1;
  while (end < from + longestControl && isParameter(text.charCodeAt(end))) end++;
  return isFinal(text.charCodeAt(end)) ? { code: undefined, end: end + 1 } : undefined;
}

/** From an opening parenthesis to a slash. */
function isCharacterSet(unit: number): boolean {
  return unit >= 0x28 && unit <= 0x2f;
}

/** Whether a unit is a parameter byte. */
function isParameter(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x3f;
}

/** Whether a unit is a final byte. */
function isFinal(unit: number): boolean {
  return unit >= 0x40 && unit <= 0x7e;
}

function hexByteAt(text: string, at: number): number | undefined {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? undefined : (high << 4) | low;
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
