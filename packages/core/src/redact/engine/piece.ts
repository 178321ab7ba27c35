/** What stands between the pieces of a value, and is dropped from the canonical view: blanks, quotes, plus signs and colours. */
const isFiller = new Uint8Array(128);
for (const character of " \u0007\b\t\n\v\f\r\"'`+\u001b") isFiller[character.charCodeAt(0)] = 1;

/**
 * Whether a place in a text has so much of a variant in a row that the rest may stand near, in other pieces: where the variant goes
 * on and the text does not, there is something that is dropped, or a mark of omission.
 */
export function isPiece(
  text: string,
  unitAt: (index: number) => number,
  length: number,
  offset: number,
  position: number,
  evidence: number,
): boolean {
  let before = 0;
  while (offset > before && text.charCodeAt(position - before - 1) === unitAt(offset - before - 1)) before++;
  let after = 0;
  while (offset + after < length && text.charCodeAt(position + after) === unitAt(offset + after)) after++;
  if (before + after < evidence) return false;
  const isOpenBefore = offset > before;
  if (isOpenBefore && isFiller[text.charCodeAt(position - before - 1)] !== 1) return false;
  const isOpenAfter = offset + after < length;
  return !isOpenAfter || isFiller[text.charCodeAt(position + after)] === 1 || isOmitted(text, position + after);
}

/** Whether a printer says here that it left out the rest. */
function isOmitted(text: string, at: number): boolean {
  return text[at] === "\u2026" || text.startsWith("...", at);
}
