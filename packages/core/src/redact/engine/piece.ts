/** What stands between the pieces of a value, and is dropped from the canonical view: blanks, quotes, plus signs and colours. */
const isFiller = new Uint8Array(128);
for (const character of " \u0007\b\t\n\v\f\r\"'`+\u001b") isFiller[character.charCodeAt(0)] = 1;

/** Whether what ends at a place may be the end of one piece, and the next one comes after something that is dropped. */
export function mayGoOnAt(text: string, at: number): boolean {
  return isFiller[text.charCodeAt(at)] === 1 || isOmitted(text, at);
}

/** Whether what begins at a place may be the beginning of a further piece. */
export function mayGoOnBefore(text: string, at: number): boolean {
  return isFiller[text.charCodeAt(at - 1)] === 1;
}

/** Whether a printer says here that it left out the rest. */
function isOmitted(text: string, at: number): boolean {
  return text[at] === "\u2026" || text.startsWith("...", at);
}
