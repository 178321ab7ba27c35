import { types } from "node:util";
import { minLength } from "./mask-policy.ts";

const maxByte = 0xff;
/** Longer lists are printed in part at most. */
const maxLength = 100_000;

/** The bytes that are printed of a buffer or of a view; of a DataView all that lie behind it, of wider numbers each as a number. */
export function bytesShown(value: ArrayBufferLike | ArrayBufferView): Buffer {
  if (!ArrayBuffer.isView(value)) return Buffer.from(value);
  if (types.isDataView(value)) return Buffer.from(value.buffer);
  const numbers = value as ArrayLike<unknown> & ArrayBufferView;
  if (numbers.byteLength > numbers.length && Array.prototype.every.call(numbers, isByte))
    return Buffer.from(numbers as ArrayLike<number>);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Whether an array may be what JSON makes of bytes. */
export function isByteList(value: object): value is number[] {
  if (!Array.isArray(value) || value.length < minLength || value.length > maxLength) return false;
  for (const element of value) if (!isByte(element)) return false;
  return true;
}

export function isByte(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxByte;
}

/** Other bytes, given as one character each, in the shape of the original; as text where that cannot hold them. */
export function withBytes(original: object, binary: string): unknown {
  const bytes = Buffer.from(binary, "latin1");
  if (Buffer.isBuffer(original)) return bytes;
  return original instanceof Uint8Array ? Uint8Array.from(bytes) : binary;
}
