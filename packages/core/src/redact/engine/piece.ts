import { isFiller } from "./filler.ts";

const plus = 0x2b;
/** The introducer of control sequences of terminals. */
const escapeCharacter = 0x1b;

/** Whether the text before a position may be the end of a piece, with another piece after a dropped character. */
export function mayGoOnAt(text: string, at: number): boolean {
  return isBetween(text.charCodeAt(at)) || isOmitted(text, at);
}

/** Whether the text at a position may be the beginning of a further piece. */
export function mayGoOnBefore(text: string, at: number): boolean {
  return isBetween(text.charCodeAt(at - 1));
}

/** Whether a character is dropped from the canonical view between two pieces. */
function isBetween(unit: number): boolean {
  return unit === plus || unit === escapeCharacter || isFiller(unit);
}

/** Whether there is a mark of omission at a position. */
function isOmitted(text: string, at: number): boolean {
  return text[at] === "\u2026" || text.startsWith("...", at);
}
