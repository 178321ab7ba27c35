import { withoutPrinters } from "./decodings.ts";

/** What of one value is looked for, in a text that may have been through a printer. */
export interface Pattern {
  isIn(text: TextViews): boolean;
}

/** A text, and the same without what printers and shells put into long strings. */
export interface TextViews {
  readonly text: string;
  readonly dense: string;
}

/** Shorter ones stand in any text by chance. */
const shortestValue = 4;
/** Two words side by side may be a short value by chance. */
const shortestDense = 10;
/** A whole line of this length is no boundary, heading or common key. */
const shortestLine = 32;

export function viewsOf(text: string): TextViews {
  return { text, dense: withoutFiller(text) };
}

/**
 * Looks for the value, its lines, its bytes, and enough of a token in it to tell which: a value that is on its way to be
 * printed is often cut. Undefined for a value too short to be looked for.
 */
export function patternOf(value: string | Uint8Array): Pattern | undefined {
  const text = typeof value === "string" ? value : Buffer.from(value).toString("utf8");
  if (text.length < shortestValue) return undefined;
  const trimmed = text.trim().length >= shortestValue ? text.trim() : text;
  const lines = trimmed.split(/[\r\n]+/).map((line) => line.trim());
  const texts = [trimmed, ...lines.filter((line) => line.length >= shortestLine && !line.startsWith("-----"))];
  const bytes = typeof value === "string" ? Buffer.from(trimmed) : Buffer.from(value);
  const wide = Buffer.from(trimmed, "utf16le");
  const wholes = [
    ...new Set([
      ...texts,
      trimmed.normalize("NFC"),
      // of a value that has a sign twice itself, undoing a printer leaves one
      withoutPrinters(trimmed),
      trimmed.replace(/\s+/g, " "),
      bytes.toString("latin1"),
      wide.toString("latin1"),
    ]),
  ];
  const dense = texts.map(withoutFiller).filter((one) => one.length >= shortestDense);
  const tokens = tokensIn(trimmed).map(tokenPart);
  return {
    isIn: (views) =>
      wholes.some((whole) => views.text.includes(whole)) ||
      dense.some((one) => views.dense.includes(one)) ||
      tokens.some((isPartIn) => isPartIn(views.dense)),
  };
}

function withoutFiller(text: string): string {
  return text.replace(/[\s\p{Cf}'"`+\\]+/gu, "");
}

/**
 * Stretches that are random: no words, names, paths or addresses. What others of its kind begin with is none: the parts of
 * a web token (eyJ), and the head of a key (M). The lines of a PEM are looked for as they are.
 */
function tokensIn(text: string): readonly string[] {
  if (text.startsWith("-----")) return [];
  const stretches = text.match(/[A-Za-z0-9_-]{32,}/g) ?? [];
  return stretches
    .filter((one) => !one.startsWith("eyJ"))
    .map((one) => (/^M[A-I]/.test(one) ? one.slice(64) : one))
    .filter((one) => one.length >= 32 && /\d/.test(one) && /[A-Za-z]/.test(one));
}

/** At most this many searches for one token, however long. */
const mostBlocks = 64;
const shortestBlock = 10;

/** Finds 20 characters in a row of a token, of a very long one a thirty-second: they hold one block of half of that whole. */
function tokenPart(token: string): (text: string) => boolean {
  const size = Math.max(shortestBlock, Math.ceil(token.length / mostBlocks));
  const starts = Array.from({ length: Math.floor(token.length / size) }, (_, index) => index * size);
  return (text) => starts.some((start) => runsOn(text, token, start, size));
}

function runsOn(text: string, token: string, start: number, size: number): boolean {
  const block = token.slice(start, start + size);
  for (let at = text.indexOf(block); at >= 0; at = text.indexOf(block, at + size)) {
    let before = 0;
    while (before < size && before < start && text[at - before - 1] === token[start - before - 1]) before += 1;
    let length = before + size;
    while (length < 2 * size && start - before + length < token.length) {
      if (text[at - before + length] !== token[start - before + length]) break;
      length += 1;
    }
    if (length >= 2 * size) return true;
  }
  return false;
}
