import { sample } from "./sample.ts";

/** The minimum length of a list of eight numbers. */
const numbersLength = 23;
/** The minimum number of commas in that length, as in `"10":115,"11":101,`; a long number has none. */
const leastCommas = 2;
/** The length of four members of `{"0":"s","1":"3"}`. */
const charactersLength = 24;
/** The minimum number of quotes in that length, as in `"10":"s","11":"3",`; other JSON has longer names or values. */
const leastQuotes = 9;
const comma = 0x2c;
/** The maximum number of other characters: the single characters are at most a fifth of such a list. */
const mostOthers = 5;
/** The maximum distance of a separator; this check excludes long numbers at low cost. */
const longestMember = 6;
const isSeparator = new Uint8Array(256);
for (const character of ",\"'") isSeparator[character.charCodeAt(0)] = 1;
/** Digits, commas, spaces, and the colons and quotes of `{"0":115,"1":51}`. */
const isInList = new Uint8Array(256);
for (const character of "0123456789, :\"'") isInList[character.charCodeAt(0)] = 1;

/**
 * Whether the sample, of this length, contains a list of numbers around one of the first `count` noted positions, or a list of
 * single characters by index before it.
 */
export function hasListAt(count: number, length: number): boolean {
  for (let index = 0; index < count; index++) {
    const place = sample.listEnds[index] as number;
    if (hasSeparatorBefore(place) && (areNumbersAt(place, length) || areCharactersBefore(place))) return true;
  }
  return false;
}

function hasSeparatorBefore(place: number): boolean {
  const { bytes } = sample;
  for (let at = place - 1; at >= place - longestMember; at--) if (isSeparator[bytes[at] as number] === 1) return true;
  return false;
}

/** Whether there is a list of numbers around a position; a short list may begin or end next to it. */
function areNumbersAt(place: number, length: number): boolean {
  const { bytes } = sample;
  let commas = 0;
  let from = place;
  while (from > 0 && place - from < numbersLength && isInList[bytes[from - 1] as number] === 1) {
    from--;
    if (bytes[from] === comma) commas++;
  }
  let to = place;
  while (to < length && to - from < numbersLength && isInList[bytes[to] as number] === 1) {
    if (bytes[to] === comma) commas++;
    to++;
  }
  return to - from >= numbersLength && commas >= leastCommas;
}

function areCharactersBefore(place: number): boolean {
  const { bytes } = sample;
  let commas = 0;
  let quotes = 0;
  let others = 0;
  for (let at = place - 1; at >= Math.max(0, place - charactersLength); at--) {
    const byte = bytes[at] as number;
    if (byte === comma) commas++;
    else if (isSeparator[byte] === 1) quotes++;
    else if (isInList[byte] === 0 && ++others > mostOthers) return false;
  }
  return commas >= leastCommas && quotes >= leastQuotes;
}
