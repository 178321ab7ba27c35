import type { SecretPayload } from "./contract.ts";

/** The size of a block, which small values share: a separate `ArrayBuffer` takes ten times the memory of most values. */
const blockLength = 8_192;
/** Longer values have their own block, so that they do not keep a block with others in memory. */
const longestShared = 512;

/** The block in use, and the number of its used bytes. */
let block = new ArrayBuffer(0);
let filled = 0;

/**
 * Copies bytes into memory that only this package reads: an `ArrayBuffer` outside of the V8 heap, so that a heap snapshot does not
 * contain them. `Buffer.alloc` would allocate small buffers on the heap, and `Buffer.from(bytes)` in a pool of the whole process. The
 * `buffer` of the copy may contain other values, so only `payloadCopy` may leave the package.
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

/** Returns whether a value is a Uint8Array of any realm: in a simulated browser such as jsdom, those of Node are from another one. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array";
}

/** Copies a payload, so that later changes of a provider's buffers cannot change a secret. */
export function privatePayload(payload: SecretPayload): SecretPayload {
  return mapBytes(payload, privateBytes);
}

/** Copies a payload for the application, which may change or wipe it. Its buffers contain nothing else. */
export function payloadCopy(payload: SecretPayload): SecretPayload {
  return mapBytes(payload, (bytes) => filledWith(bytes, new ArrayBuffer(bytes.byteLength), 0));
}

function mapBytes(payload: SecretPayload, copyOf: (bytes: Uint8Array) => Uint8Array): SecretPayload {
  if (payload.kind === "value") return { kind: "value", bytes: copyOf(payload.bytes) };
  const fields = new Map<string, Uint8Array>();
  for (const [name, bytes] of payload.fields) fields.set(name, copyOf(bytes));
  return { kind: "fields", fields };
}

/** Returns whether two payloads have the same bytes; the order of fields does not matter. */
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
