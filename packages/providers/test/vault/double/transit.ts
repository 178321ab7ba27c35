import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { DoubleAnswer } from "../../http-double.ts";
import { type EngineCall, refusedWith, replied } from "./engine-call.ts";

interface TransitKey {
  /** The first is version 1. */
  readonly versions: Buffer[];
  minDecryptionVersion: number;
  readonly isDerived: boolean;
}

/** Encryption with AES-256-GCM and keys that never leave, as in Vault. Derivation is stood in for by more associated data. */
export class TransitDouble {
  readonly keys: Map<string, TransitKey> = new Map();

  createKey(name: string, isDerived = false): void {
    this.keys.set(name, { versions: [randomBytes(32)], minDecryptionVersion: 1, isDerived });
  }

  rotate(name: string, minDecryptionVersion = 1): void {
    const key = this.#key(name);
    key.versions.push(randomBytes(32));
    key.minDecryptionVersion = minDecryptionVersion;
  }

  /** @param extra context and associated data, in base64 */
  encrypt(name: string, plaintext: Uint8Array, extra: { context?: string; associatedData?: string } = {}): string {
    const key = this.#key(name);
    const [nonce, version] = [randomBytes(12), key.versions.length];
    const cipher = createCipheriv("aes-256-gcm", key.versions.at(-1) ?? "", nonce);
    cipher.setAAD(Buffer.from(`${extra.context ?? ""}|${extra.associatedData ?? ""}`));
    const sealed = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return `vault:v${version}:${sealed.toString("base64")}`;
  }

  answer(call: EngineCall): DoubleAnswer | undefined {
    const [, action, name] = /^transit\/(decrypt|encrypt)\/([^/]+)$/.exec(call.path) ?? [];
    if (name === undefined || call.method !== "POST") return undefined;
    if (action === "encrypt" && this.keys.has(name))
      return replied({ ciphertext: this.encrypt(name, Buffer.from(String(call.body.plaintext), "base64")) });
    const { ciphertext, context = "", associated_data = "" } = call.body;
    const key = this.keys.get(name);
    if (key === undefined) return refusedWith(400, "encryption key not found", call);
    if (key.isDerived && context === "") return refusedWith(400, "missing 'context' for key derivation", call);
    const [, version, sealed] = /^vault:v(\d+):([A-Za-z0-9+/=]+)$/.exec(String(ciphertext)) ?? [];
    if (sealed === undefined) return refusedWith(400, "invalid ciphertext: could not decode base64", call);
    if (Number(version) > key.versions.length) return refusedWith(400, "invalid ciphertext: version is too new", call);
    if (Number(version) < key.minDecryptionVersion)
      return refusedWith(400, "ciphertext or signature version is disallowed by policy (too old)", call);
    try {
      const secret = key.versions[Number(version) - 1] ?? "";
      return replied({ plaintext: opened(secret, Buffer.from(sealed, "base64"), `${context}|${associated_data}`) });
    } catch {
      return refusedWith(400, "cipher: message authentication failed", call);
    }
  }

  #key(name: string): TransitKey {
    const key = this.keys.get(name);
    if (key === undefined) throw new Error(`the double has no key ${name}`);
    return key;
  }
}

function opened(key: Buffer | string, sealed: Buffer, additional: string): string {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(additional)).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString("base64");
}
