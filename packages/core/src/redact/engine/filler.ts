/**
 * The ASCII characters that may occur between the pieces of a value, and that the canonical view drops: spaces, quotes, and the
 * NUL of UTF-16.
 */
const isAsciiFiller = new Uint8Array(128);
for (const character of "\0 \u0007\b\t\n\v\f\r\"'`") isAsciiFiller[character.charCodeAt(0)] = 1;

/** Whether a character is one of those, or a space or an invisible character of Unicode. */
export function isFiller(code: number): boolean {
  return code < 128 ? isAsciiFiller[code] === 1 : isBlank(code);
}

/** Whether a character is a space, a soft hyphen, a joiner, or a mark of zero width, direction or byte order. */
function isBlank(code: number): boolean {
  if (code < 0x1680) return code === 0xa0 || code === 0xad;
  if (code < 0x2000 || code > 0x2064) return code === 0x1680 || code === 0x3000 || code === 0xfeff;
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202f) || code >= 0x205f;
}

/** Those characters in UTF-8, one character per byte, as decoded percent escapes contain them. */
export const encodedFiller: RegExp =
  /\xc2[\xa0\xad]|\xe1\x9a\x80|\xe2\x80[\x80-\x8f\xa8-\xaf]|\xe2\x81[\x9f-\xa4]|\xe3\x80\x80|\xef\xbb\xbf/;
const longestEncoded = 3;

/** Returns the end of such bytes at a position; the position itself if there are none. */
export function encodedFillerEndsAt(view: string, at: number): number {
  const found = encodedFiller.exec(view.slice(at, at + longestEncoded));
  return found?.index === 0 ? at + found[0].length : at;
}
