import { SecretError } from "@tacit/core/provider";

/** Returns a text as bytes in memory of their own: what Buffer makes of little lies in a pool. @throws {SecretError} INVALID_VALUE `not-utf8` */
export function textBytes(text: string): Uint8Array {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  throw new SecretError("INVALID_VALUE", "a value holds half of a surrogate pair, which no UTF-8 can hold", {
    reason: "not-utf8",
    tip: "Write the value again; binary content goes into a text as base64.",
  });
}
