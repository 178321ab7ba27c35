import { isFiller } from "./filler.ts";

const plus = 0x2b;
/** Terminals write it before a colour. */
const escapeCharacter = 0x1b;

/** Whether what ends at a place may be the end of one piece, and the next one comes after something that is dropped. */
export function mayGoOnAt(text: string, at: number): boolean {
  return isBetween(text.charCodeAt(at)) || isOmitted(text, at);
}

/** Whether what begins at a place may be the beginning of a further piece. */
export function mayGoOnBefore(text: string, at: number): boolean {
  return isBetween(text.charCodeAt(at - 1));
}

/** Whether a character is dropped from the canonical view between two pieces. */
function isBetween(unit: number): boolean {
  return unit === plus || unit === escapeCharacter || isFiller(unit);
}

/** Whether a printer says here that it left out the rest. */
function isOmitted(text: string, at: number): boolean {
  return text[at] === "\u2026" || text.startsWith("...", at);
}
