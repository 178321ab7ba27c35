import { createDecipheriv } from "node:crypto";
import { base64Bytes } from "../shared/base64.ts";
import { tamperedError } from "../shared/keys/errors.ts";

/** A sealed value, taken apart. */
export interface SealedValue {
  /** The session key, encrypted with RSA-OAEP; base64. */
  readonly wrapped: string;
  readonly ciphertext: Buffer;
}

/**
 * Takes a sealed value apart: the length of the encrypted session key in two bytes, that key, and the ciphertext with its tag.
 * @throws {SecretError} INVALID_VALUE `tampered`
 */
export function parseSealedValue(text: string, key: string): SealedValue {
  const bytes = Buffer.from(base64Bytes(text) ?? []);
  const length = bytes.length > 2 ? bytes.readUInt16BE(0) : 0;
  if (length === 0 || bytes.length < 2 + length + tagBytes) throw damaged(key);
  return { wrapped: bytes.toString("base64", 2, 2 + length), ciphertext: bytes.subarray(2 + length) };
}

/** Decrypts it. The nonce is zero: a session key is used once. @throws {SecretError} INVALID_VALUE `tampered` */
export function openSealedValue({ ciphertext }: SealedValue, sessionKey: Uint8Array, key: string): Uint8Array {
  if (sessionKey.length !== 32) throw damaged(key);
  const decipher = createDecipheriv("aes-256-gcm", sessionKey, Buffer.alloc(12), { authTagLength: tagBytes });
  decipher.setAuthTag(ciphertext.subarray(-tagBytes));
  const plain = decipher.update(ciphertext.subarray(0, -tagBytes));
  try {
    decipher.final();
  } catch {
    throw damaged(key);
  }
  return new Uint8Array(plain);
}

const tagBytes = 16;

function damaged(key: string): ReturnType<typeof tamperedError> {
  return tamperedError(`has a sealed value that was changed or cut off (key ${JSON.stringify(key.slice(0, 64))})`);
}
