import type { SecretPayload } from "../provider/contract.ts";

let versionKey: Uint8Array | undefined;

/** Keyed with a random key of this process, so a version is no hash of a value that somebody could guess by trying. */
export function contentVersion(payload: SecretPayload): string {
  const { createHmac, randomBytes } = process.getBuiltinModule("node:crypto");
  versionKey ??= randomBytes(32);
  const mac = createHmac("sha256", versionKey);
  const add = (bytes: Uint8Array): void => void mac.update(`${bytes.length}:`).update(bytes);
  if (payload.kind === "value") add(payload.bytes);
  else {
    const fields = [...payload.fields].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, bytes] of fields) {
      add(Buffer.from(key));
      add(bytes);
    }
  }
  return mac.digest("base64url").slice(0, 22);
}
