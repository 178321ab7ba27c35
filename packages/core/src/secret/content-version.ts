import type { SecretPayload } from "../contract/contract.ts";

let versionKey: Uint8Array | undefined;

/**
 * A version for a store that has none. Keyed with a random key of this process, so it is no hash of the value that somebody
 * could guess by trying. The one-shot hash costs a tenth of an HMAC, and nobody can extend what only this process makes.
 */
export function contentVersion(payload: SecretPayload): string {
  const { hash, randomBytes } = process.getBuiltinModule("node:crypto");
  versionKey ??= randomBytes(32);
  return hash("sha256", Buffer.concat([versionKey, ...framed(payload)]), "base64url").slice(0, 22);
}

/** Each part with its length before it, so that no two payloads give the same bytes. */
function framed(payload: SecretPayload): readonly Uint8Array[] {
  if (payload.kind === "value") return [lengthOf(payload.bytes), payload.bytes];
  const fields = [...payload.fields].sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.flatMap(([key, bytes]) => {
    const name = Buffer.from(key);
    return [lengthOf(name), name, lengthOf(bytes), bytes];
  });
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
