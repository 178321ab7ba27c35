import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { ProviderHost } from "@tacit/core/provider";
import { keyFormatError } from "./errors.ts";
import type { KeyContext, KeyService } from "./key-service.ts";
import { keyText } from "./key-text.ts";
import type { LocalKeyOptions } from "./options.ts";

/** Creates the key service of a key of the operator. Performs no I/O. */
export function createLocalKey(
  { key: source }: LocalKeyOptions,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): KeyService<"local"> {
  const readKey = async (): Promise<Buffer> => {
    const key = keyBytes((await keyText(source, label, host)).trim());
    if (key === undefined)
      throw keyFormatError(
        label,
        "is not 32 bytes",
        "Write 32 bytes as base64 or hexadecimal: openssl rand -base64 32.",
      );
    host.protect(key, `${host.name}/${label}, decoded`);
    return key;
  };
  return {
    use: "local",
    async unwrap({ ciphertext, context }) {
      const key = await readKey();
      const sealed = Buffer.from(ciphertext, "base64");
      if (sealed.length < nonceBytes + tagBytes) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(boundTo(context)).setAuthTag(sealed.subarray(-tagBytes));
      try {
        const opened = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
        decipher.final();
        return opened;
      } catch {
        // The failure does not show whether the key, the context or the ciphertext is wrong.
        return undefined;
      }
    },
    async wrap(dataKey, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", await readKey(), nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(context));
      const sealed = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
      return { use: "local", ciphertext: sealed.toString("base64"), context };
    },
  };
}

const label = "local key";
const nonceBytes = 12;
const tagBytes = 16;

/** Returns the additional data of AES-GCM: the JSON text of the context, sorted by name. */
function boundTo(context: KeyContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).toSorted(([left], [right]) => (left < right ? -1 : 1))));
}

/** Decodes a key. Raw bytes are not supported, because a final line feed, which may be one of them, is removed from credentials. */
function keyBytes(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, "hex");
  return /^[A-Za-z0-9+/]{43}=?$/.test(text) ? Buffer.from(text, "base64") : undefined;
}
