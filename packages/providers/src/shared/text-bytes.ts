import { SecretError } from "@tacit/core/provider";

/** Encodes a text as UTF-8 in its own memory; `Buffer.from` would use a shared pool. @throws {SecretError} INVALID_VALUE `not-utf8` */
export function textBytes(text: string): Uint8Array {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  throw new SecretError("INVALID_VALUE", "a value contains half of a surrogate pair, which UTF-8 cannot represent", {
    reason: "not-utf8",
    tip: "Write the value again; encode binary content as base64.",
  });
}
