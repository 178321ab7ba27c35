import { byteReadings, textReadings } from "./oracle-decoders.ts";

/** This much of a secret in a row, in any reading of an output, is a leak. */
const tellingLength = 10;
/** What a decoder of bytes gives is read as text again, and may hold encoded bytes once more: base64 of base64. */
const byteLevels = 2;

/**
 * Decodes an output in every way that people and programs do, and looks for any 10 consecutive characters of a secret, in
 * either case. It knows no form of the redactor. The result says how it was found, never what; undefined is no leak.
 */
export function leakIn(output: string, secret: string): string | undefined {
  return leaksIn(output, [secret])[0];
}

/** The same for many secrets, decoding once; empty if none leaks. */
export function leaksIn(output: string, secrets: readonly string[]): readonly string[] {
  const wanted = secrets.map(searchesFor);
  const found: string[] = [];
  for (const [reading, way] of readingsOf(output)) {
    for (const [index, view] of viewsOf(reading).entries()) {
      for (const searches of wanted) {
        if (searches[index]?.some((part) => view.includes(part))) found.push(`${way}, view ${index}`);
      }
    }
    if (found.length > 0) return found;
  }
  return found;
}

/** text -> the way to it */
function readingsOf(output: string): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  let level = new Map([[output, "as it is"]]);
  for (let depth = 0; depth <= byteLevels; depth += 1) {
    const next = new Map<string, string>();
    for (const [start, way] of level) {
      for (const [reading, steps] of textReadings(start)) {
        if (all.has(reading)) continue;
        all.set(reading, way + steps);
        if (depth < byteLevels) {
          for (const [decoded, step] of byteReadings(reading)) next.set(decoded, `${way}${steps}${step}`);
        }
      }
    }
    level = next;
  }
  return all;
}

/** As it is, without white space, and without what inspect and shells put between the pieces of a string. */
function viewsOf(text: string): readonly string[] {
  const lower = text.toLowerCase();
  const dense = lower.replace(/\s+/g, "");
  return [lower, dense, dense.replace(/['"`+\\]+/g, "")];
}

const searchCache = new Map<string, readonly (readonly string[])[]>();

function searchesFor(secret: string): readonly (readonly string[])[] {
  const known = searchCache.get(secret);
  if (known !== undefined) return known;
  const searches = viewsOf(secretPartOf(secret)).map(partsOf);
  if (searchCache.size > 500) searchCache.clear();
  searchCache.set(secret, searches);
  return searches;
}

/** The boundary lines of a PEM are the same in all of them. */
function secretPartOf(secret: string): string {
  return secret.replace(/-----(?:BEGIN|END) [A-Z ]+-----/g, "").trim();
}

function partsOf(text: string): readonly string[] {
  if (text.length <= tellingLength) return text.length < 6 ? [] : [text];
  const starts = Array.from({ length: text.length - tellingLength + 1 }, (_, start) => start);
  return [...new Set(starts.map((start) => text.slice(start, start + tellingLength)))].filter(isTelling);
}

/** Ten blanks or dashes tell nothing. */
function isTelling(part: string): boolean {
  return /[\p{L}\p{N}]/u.test(part);
}
