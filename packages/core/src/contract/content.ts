import type { SecretPayload } from "./contract.ts";

/**
 * Copies bytes into memory of their own. An `ArrayBuffer` is used because its memory lies off the V8 heap at any size, so a heap
 * snapshot does not show it; `Buffer.alloc` puts small buffers on the heap, `Buffer.from(bytes)` shares a pool.
 */
export function privateBytes(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(new ArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}

/** Copies a payload, so that what a provider does with its own buffers later cannot change a secret. */
export function privatePayload(payload: SecretPayload): SecretPayload {
  if (payload.kind === "value") return { kind: "value", bytes: privateBytes(payload.bytes) };
  const fields = new Map<string, Uint8Array>();
  for (const [name, bytes] of payload.fields) fields.set(name, privateBytes(bytes));
  return { kind: "fields", fields };
}

/** Tells whether two payloads hold the same bytes; the order of fields does not matter. */
export function sameContent(a: SecretPayload, b: SecretPayload): boolean {
  if (a === b) return true;
  if (a.kind === "value" || b.kind === "value") {
    return a.kind === "value" && b.kind === "value" && sameBytes(a.bytes, b.bytes);
  }
  if (a.fields.size !== b.fields.size) return false;
  for (const [name, bytes] of a.fields) {
    const other = b.fields.get(name);
    if (other === undefined || !sameBytes(bytes, other)) return false;
  }
  return true;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}
