import type { SecretPayload } from "../contract/contract.ts";

let versionKey: Uint8Array | undefined;

/**
 * Returns a version for a store that has none: a hash with a random key of this process, so that the value cannot be guessed from
 * it. `hash` takes a tenth of the time of an HMAC; length extension is no risk, since only this process computes the hashes.
 */
export function contentVersion(payload: SecretPayload): string {
  const { hash, randomBytes } = process.getBuiltinModule("node:crypto");
  versionKey ??= randomBytes(32);
  return hash("sha256", Buffer.concat([versionKey, ...framed(payload)]), "base64url").slice(0, 22);
}

/** Returns the parts of a payload, each after its length, so that different payloads have different bytes. */
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
