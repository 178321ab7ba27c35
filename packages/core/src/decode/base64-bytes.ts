/** A choice of the base64 alphabets of RFC 4648: `standard` is `+/`; `either` also allows `-_`, but not both in one text. */
export type Base64Alphabet = "standard" | "either";

/**
 * Decodes base64 text into an ArrayBuffer of its own; returns undefined for invalid text. It skips surrounding white space
 * and line ends inside the text, as Go does, and accepts absent padding. `Buffer.from` alone ignores every invalid character,
 * and a regular expression would keep the text in `RegExp.$_`.
 */
export function base64Bytes(text: string, alphabet: Base64Alphabet): Uint8Array | undefined {
  const trimmed = text.trim();
  let end = trimmed.length;
  while (end > 0 && "=\r\n".includes(trimmed.charAt(end - 1))) end -= 1;
  const seen = new Set<Kind>();
  let digits = 0;
  for (let at = 0; at < end; at++) {
    const kind = kindOf(trimmed.charCodeAt(at));
    if (kind === undefined) return undefined;
    if (kind === "line end") continue;
    seen.add(kind);
    digits += 1;
  }
  const padding = trimmed.slice(end).replaceAll("\r", "").replaceAll("\n", "").length;
  if (!isWhole(digits, padding) || (seen.has("url") && (alphabet === "standard" || seen.has("standard"))))
    return undefined;
  const bytes = Buffer.from(new ArrayBuffer(Math.floor((digits * 3) / 4)));
  // `Buffer` decodes both alphabets and skips line ends.
  bytes.write(trimmed.slice(0, end), "base64");
  return bytes;
}

type Kind = "either" | "standard" | "url" | "line end";

function kindOf(code: number): Kind | undefined {
  const isAlphanumeric =
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  if (isAlphanumeric) return "either";
  if (code === 0x2b || code === 0x2f) return "standard";
  if (code === 0x2d || code === 0x5f) return "url";
  return code === 0x0a || code === 0x0d ? "line end" : undefined;
}

/** Returns whether the digits encode whole bytes, and the padding is complete or absent. */
function isWhole(digits: number, padding: number): boolean {
  return digits % 4 !== 1 && (padding === 0 || (padding <= 2 && (digits + padding) % 4 === 0));
}
