import { base64Bytes } from "../base64.ts";
import type { VaultAnswer } from "./answer.ts";

/** The reason why the transit engine does not decrypt: the key is missing, its version is disallowed, or the ciphertext has another key. */
export type TransitRefusal = "key" | "version" | "ciphertext";

/** Returns the reason of a refusal from the messages of Vault, which errors never contain; undefined for any other reason. */
export function transitRefusal({ errors, status }: Pick<VaultAnswer, "errors" | "status">): TransitRefusal | undefined {
  const says = (pattern: RegExp): boolean => errors.some((error) => pattern.test(error));
  if (status === 404 || says(/key not found|no existing key/i)) return "key";
  if (says(/disallowed by policy|too old|min.*decryption/i)) return "version";
  if (says(/invalid ciphertext|authentication failed|unable to decrypt|base64|no prefix/i)) return "ciphertext";
  return undefined;
}

/** Returns the decrypted bytes of a response; undefined for another format. */
export function transitPlaintext({ data }: Pick<VaultAnswer, "data">): Uint8Array | undefined {
  return base64Bytes(memberOf(data, "plaintext"));
}

/** Returns the ciphertext of a response, such as `vault:v1:...`; undefined for another format. */
export function transitCiphertext({ data }: Pick<VaultAnswer, "data">): string | undefined {
  return memberOf(data, "ciphertext");
}

function memberOf(data: unknown, name: string): string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const member: unknown = (data as Readonly<Record<string, unknown>>)[name];
  return typeof member === "string" ? member : undefined;
}
