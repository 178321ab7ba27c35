import type { Pattern } from "./pattern.ts";

/**
 * The minimum length of a fragment; shorter parts of a token may occur in any text. Sampling is certain to find fragments of
 * this length.
 */
export const fragmentLength = 16;
const nGramLength = 4;
/** The minimum number of distinct characters; sequences such as zeros occur in many tokens. */
const minDistinct = 6;
const shortestToken = 24;
const longestToken = 512;

/** The part of a JSON web token before its signature, which is similar in all tokens of an issuer. */
const beforeSignature = /^eyJ[\w-]*\.[\w-]+\.(?=[\w-]+$)/;
/** Words and small numbers, as in a host name. */
const words = /^(?:[a-z]+|\d{1,4})(?:[-._/](?:[a-z]+|\d{1,4}))*$/i;

/**
 * Returns the position from which a part of a pattern is searched, because opaque tokens share no parts with other texts.
 * Undefined for all other patterns: parts of URLs, JSON, PEM or sentences occur in other texts, too.
 */
export function fragmentsFrom({ bytes, isText, isWhole }: Pattern): number | undefined {
  if (!isText || !isWhole || bytes.length < shortestToken || bytes.length > longestToken) return undefined;
  const token = Buffer.from(bytes).toString("latin1");
  if (!/^[A-Za-z0-9+/=_.-]+$/.test(token) || words.test(token)) return undefined;
  if (!token.startsWith("eyJ")) return 0;
  const signature = beforeSignature.exec(token)?.[0].length ?? token.length;
  return token.length - signature < shortestToken ? undefined : signature;
}

/**
 * Returns the ranges of a pattern, from one position on, of which any 16 characters are searched. The others have few distinct
 * characters, and would be found everywhere in a text of zeros.
 */
export function fragmentStretches(
  { bytes }: Pattern,
  from: number,
): readonly (readonly [start: number, end: number])[] {
  const stretches: [number, number][] = [];
  const counts = new Uint16Array(256);
  let distinct = 0;
  for (let end = from + 1; end <= bytes.length; end++) {
    const added = bytes[end - 1] as number;
    if (counts[added] === 0) distinct++;
    counts[added] = (counts[added] as number) + 1;
    const start = end - fragmentLength;
    if (start < from) continue;
    if (start > from) {
      const left = bytes[start - 1] as number;
      counts[left] = (counts[left] as number) - 1;
      if (counts[left] === 0) distinct--;
    }
    if (distinct < minDistinct) continue;
    const last = stretches.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else stretches.push([start, end]);
  }
  return stretches;
}

/** Whether the surroundings of an n-gram have enough distinct characters for a fragment. */
export function isVaried(text: string, position: number): boolean {
  const around = text.slice(Math.max(0, position + nGramLength - fragmentLength), position + fragmentLength);
  return new Set(around).size >= minDistinct;
}

/** Returns the longest common part of text and pattern around a position, if it is long enough. */
export function commonRun(
  text: string,
  { bytes }: Pattern,
  offset: number,
  position: number,
): { readonly start: number; readonly end: number } | undefined {
  let before = 0;
  while (offset > before && position > before && text.charCodeAt(position - before - 1) === bytes[offset - before - 1])
    before++;
  let after = 0;
  while (offset + after < bytes.length && text.charCodeAt(position + after) === bytes[offset + after]) after++;
  if (before + after < fragmentLength) return undefined;
  const run = bytes.subarray(offset - before, offset + after);
  return new Set(run).size < minDistinct ? undefined : { start: position - before, end: position + after };
}
