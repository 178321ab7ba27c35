import type { Pattern } from "./pattern.ts";

/** A shorter part of a token may stand in any text; it is also what sampling finds for certain. */
export const fragmentLength = 16;
const nGramLength = 4;
/** Runs of zeros and the like stand in many tokens. */
const minDistinct = 6;
const shortestToken = 24;
const longestToken = 512;

/** Up to the signature of a JSON web token: other tokens of one issuer begin alike. */
const beforeSignature = /^eyJ[\w-]*\.[\w-]+\.(?=[\w-]+$)/;
/** Words and small numbers, as in the name of a host. */
const words = /^(?:[a-z]+|\d{1,4})(?:[-._/](?:[a-z]+|\d{1,4}))*$/i;

/**
 * From which character on a part of a pattern counts: tokens that are opaque have no part in common with anything. Undefined for
 * all else, since parts of URLs, JSON, PEM or sentences stand in other texts too.
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
 * The stretches of a pattern, from one place on, of which any 16 characters count: the others have a few different ones only, and
 * would be met again and again in a text of zeros.
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

/** Whether a fragment may stand around an n-gram of a text: in a text of zeros none does. */
export function isVaried(text: string, position: number): boolean {
  const around = text.slice(Math.max(0, position + nGramLength - fragmentLength), position + fragmentLength);
  return new Set(around).size >= minDistinct;
}

/** The longest run around one place that text and pattern have in common, if it is long enough. */
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
