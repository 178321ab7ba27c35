import { sample } from "./sample.ts";

/** Any list of eight numbers is as long. */
const numbersLength = 23;
/** As many stand in that length of `"10":115,"11":101,`; a long number has none. */
const leastCommas = 2;
/** Four members of `{"0":"s","1":"3"}` are as long. */
const charactersLength = 24;
/** Of `"10":"s","11":"3",` in that length; other JSON has longer names or values. */
const leastQuotes = 9;
const comma = 0x2c;
/** Single characters by number are a fifth of such a list at most. */
const mostOthers = 5;
/** Most words of digits end in a long number, which this tells at less cost. */
const longestMember = 6;
const isSeparator = new Uint8Array(256);
for (const character of ",\"'") isSeparator[character.charCodeAt(0)] = 1;
/** Digits, commas, spaces, and the colons and quotes of `{"0":115,"1":51}`. */
const isInList = new Uint8Array(256);
for (const character of "0123456789, :\"'") isInList[character.charCodeAt(0)] = 1;

/**
 * Whether the sample, which has so many characters, has a list of numbers around one of the first `count` places noted, or one of
 * single characters by number before it.
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

/** A short list may begin and end right beside a place, so both sides count. */
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
