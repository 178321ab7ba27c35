import { sample } from "./sample.ts";

/** Any list of eight numbers is as long, and so are four members of `{"0":"s","1":"3"}`. */
const listLength = 24;
/** As many stand in that length of `"10":115,"11":101,`; a long number has none. */
const leastCommas = 2;
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

/** Whether the sample has a list of numbers, or of single characters by number, before one of the first `count` places noted. */
export function hasListEnd(count: number): boolean {
  for (let index = 0; index < count; index++) if (endsInList(sample.listEnds[index] as number)) return true;
  return false;
}

function endsInList(end: number): boolean {
  const { bytes } = sample;
  let separators = 0;
  for (let at = end - 1; at >= end - longestMember; at--) separators += isSeparator[bytes[at] as number] as number;
  if (separators === 0) return false;
  let commas = 0;
  let quotes = 0;
  let others = 0;
  for (let at = end - 1; at >= end - listLength; at--) {
    const byte = bytes[at] as number;
    if (byte === comma) commas++;
    else if (isSeparator[byte] === 1) quotes++;
    else if (isInList[byte] === 0 && ++others > mostOthers) return false;
  }
  return commas >= leastCommas && (others === 0 || quotes >= leastQuotes);
}
