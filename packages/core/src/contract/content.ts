import type { SecretPayload } from "./contract.ts";

/** Bytes of one block, which many small values share: an `ArrayBuffer` of its own costs ten times what most values weigh. */
const blockLength = 8_192;
/** Longer values have a block of their own, so that a long one keeps no others in memory. */
const longestShared = 512;

/** The block that is being filled, and how much of it is. */
let block = new ArrayBuffer(0);
let filled = 0;

/**
 * Copies bytes into memory that only this package reads. It lies in an `ArrayBuffer`, off the V8 heap at any size, so that a heap
 * snapshot does not show it; `Buffer.alloc` puts small buffers on the heap, and the pool of `Buffer.from(bytes)` is that of
 * everybody in this process. The `buffer` of the copy may hold other values: nothing but a copy may leave the package.
 */
export function privateBytes(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes;
  if (byteLength > longestShared) return filledWith(bytes, new ArrayBuffer(byteLength), 0);
  if (filled + byteLength > block.byteLength) {
    block = new ArrayBuffer(blockLength);
    filled = 0;
  }
  const start = filled;
  filled += byteLength;
  return filledWith(bytes, block, start);
}

function filledWith(bytes: Uint8Array, buffer: ArrayBuffer, start: number): Uint8Array {
  const copy = Buffer.from(buffer, start, bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Whether something is a Uint8Array, also one of another realm: those of Node are in a simulated browser, such as jsdom. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array";
}

/** Copies a payload, so that what a provider does with its own buffers later cannot change a secret. */
export function privatePayload(payload: SecretPayload): SecretPayload {
  return mapBytes(payload, privateBytes);
}

/** Copies a payload for code of the application, which may change or wipe it: its `buffer` holds nothing else. */
export function payloadCopy(payload: SecretPayload): SecretPayload {
  return mapBytes(payload, (bytes) => filledWith(bytes, new ArrayBuffer(bytes.byteLength), 0));
}

function mapBytes(payload: SecretPayload, copyOf: (bytes: Uint8Array) => Uint8Array): SecretPayload {
  if (payload.kind === "value") return { kind: "value", bytes: copyOf(payload.bytes) };
  const fields = new Map<string, Uint8Array>();
  for (const [name, bytes] of payload.fields) fields.set(name, copyOf(bytes));
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
