/**
 * Decodes the armor of an age file line by line. The decoder of `age-encryption` keeps each line, which takes six times the size of the file.
 * White space around the armor and CRLF are allowed, as in the package.
 * @returns undefined for anything else than an armor
 * @see https://age-encryption.org/v1#ascii-armor
 */
export function decodeArmor(bytes: Buffer): Buffer | undefined {
  let [at, end] = [0, bytes.length];
  while (at < end && isSpace(bytes[at])) at += 1;
  while (end > at && isSpace(bytes[end - 1])) end -= 1;
  const line = (): string | undefined => {
    if (at > end) return undefined;
    const lineFeed = bytes.subarray(at, end).indexOf("\n");
    const lineEnd = lineFeed < 0 ? end : at + lineFeed;
    const text = bytes.toString("latin1", at, Math.min(lineEnd, at + mostLineCharacters));
    at = lineEnd + 1;
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  };
  if (line() !== begin) return undefined;
  const decoded = Buffer.alloc(Math.ceil(((end - at) * 3) / 4));
  let length = 0;
  let isLast = false;
  for (let text = line(); text !== footer; text = line()) {
    if (text === undefined || text === "" || text.length > 64 || isLast) return undefined;
    const piece = Buffer.from(text, "base64");
    // Node skips what is not base64.
    if (piece.toString("base64") !== text) return undefined;
    length += piece.copy(decoded, length);
    isLast = piece.length < 48;
  }
  return at > end ? decoded.subarray(0, length) : undefined;
}

const begin = "-----BEGIN AGE ENCRYPTED FILE-----";
const footer = "-----END AGE ENCRYPTED FILE-----";
/** A line is one of these, or 64 characters; with a CR. */
const mostLineCharacters = 80;

function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
