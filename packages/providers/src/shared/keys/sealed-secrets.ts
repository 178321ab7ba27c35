import type { webcrypto } from "node:crypto";
import type { ProviderHost } from "@tacit/core/provider";
import { base64Bytes } from "../base64.ts";
import type { KeyService } from "./key-service.ts";
import { keyText } from "./key-text.ts";
import type { SealedSecretsKeyOptions } from "./options.ts";
import { readSealingKeys } from "./sealing-keys.ts";

/** Creates the key service of the private keys of a Sealed Secrets controller. Performs no I/O. */
export function createSealingKeys(
  { key: source }: SealedSecretsKeyOptions,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): KeyService<"sealed-secrets"> {
  let last: { readonly text: string; readonly keys: readonly webcrypto.CryptoKey[] } | undefined;
  /** The key that unwrapped the last value. It is tried first, since all values of an object have the same key. */
  let recent: webcrypto.CryptoKey | undefined;
  const read = async (): Promise<readonly webcrypto.CryptoKey[]> => {
    const text = await keyText(source, "sealing key", host);
    if (last?.text !== text) last = { text, keys: await readSealingKeys(text) };
    return last.keys;
  };
  return {
    use: "sealed-secrets",
    async unwrap({ label, ciphertext }, { signal }) {
      const keys = await read();
      const wrapped = base64Bytes(ciphertext);
      if (wrapped === undefined) return undefined;
      // The ciphertext does not identify its key, so all keys are tried.
      for (const key of keys.toSorted((left, right) => Number(right === recent) - Number(left === recent))) {
        // Trying many keys takes long: anyone can seal a value for the oldest one.
        signal.throwIfAborted();
        const opened = await open(key, label, wrapped);
        if (opened === undefined) continue;
        recent = key;
        return opened;
      }
      return undefined;
    },
    async diagnose() {
      const message = await read().then(
        (keys) => ({ level: "info", message: `${keys.length} sealing keys are tried` }) as const,
        () => ({ level: "error", message: "the sealing keys cannot be read" }) as const,
      );
      return [{ ...message, code: "sealing-keys" }];
    },
  };
}

/** Decrypts with one key in the thread pool, which takes milliseconds; returns undefined for a wrong key or label. */
async function open(key: webcrypto.CryptoKey, label: string, wrapped: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const opened = await crypto.subtle.decrypt({ name: "RSA-OAEP", label: Buffer.from(label) }, key, wrapped);
    return new Uint8Array(opened);
  } catch {
    return undefined;
  }
}
