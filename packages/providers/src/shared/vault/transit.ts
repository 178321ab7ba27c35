import { base64Bytes } from "../base64.ts";
import type { VaultAnswer } from "./answer.ts";

/** Why the transit engine does not decrypt something: there is no such key, its version is ruled out, or it is not of that key. */
export type TransitRefusal = "key" | "version" | "ciphertext";

/** Reads by Vault's own words why it refused; undefined for any other reason. They are never shown. */
export function transitRefusal({ errors, status }: Pick<VaultAnswer, "errors" | "status">): TransitRefusal | undefined {
  const says = (pattern: RegExp): boolean => errors.some((error) => pattern.test(error));
  if (status === 404 || says(/key not found|no existing key/i)) return "key";
  if (says(/disallowed by policy|too old|min.*decryption/i)) return "version";
  if (says(/invalid ciphertext|authentication failed|unable to decrypt|base64|no prefix/i)) return "ciphertext";
  return undefined;
}

/** Returns what was decrypted; undefined for an answer of another form. */
export function transitPlaintext({ data }: Pick<VaultAnswer, "data">): Uint8Array | undefined {
  return base64Bytes(memberOf(data, "plaintext"));
}

/** Returns what was encrypted, such as `vault:v1:...`; undefined for an answer of another form. */
export function transitCiphertext({ data }: Pick<VaultAnswer, "data">): string | undefined {
  return memberOf(data, "ciphertext");
}

function memberOf(data: unknown, name: string): string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const member: unknown = (data as Readonly<Record<string, unknown>>)[name];
  return typeof member === "string" ? member : undefined;
}
