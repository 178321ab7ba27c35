import { SecretError } from "@tacit/core/provider";

/** Returns a text as bytes in memory of their own: what Buffer makes of little lies in a pool. @throws {SecretError} INVALID_VALUE `not-utf8` */
export function textBytes(text: string): Uint8Array {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  throw new SecretError("INVALID_VALUE", "a value contains half of a surrogate pair, which UTF-8 cannot represent", {
    reason: "not-utf8",
    tip: "Write the value again; encode binary content as base64.",
  });
}
