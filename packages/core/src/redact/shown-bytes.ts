import { types } from "node:util";
import { minLength } from "./mask-policy.ts";

const maxByte = 0xff;
/** The maximum length; printers shorten longer lists. */
const maxLength = 100_000;

/**
 * Returns the bytes that are printed of a buffer or view: of a DataView its whole buffer, of wider numbers each one as a byte
 * if it fits.
 */
export function bytesShown(value: ArrayBufferLike | ArrayBufferView): Buffer {
  if (!ArrayBuffer.isView(value)) return Buffer.from(value);
  if (types.isDataView(value)) return Buffer.from(value.buffer);
  const numbers = value as ArrayLike<unknown> & ArrayBufferView;
  if (numbers.byteLength > numbers.length && Array.prototype.every.call(numbers, isByte))
    return Buffer.from(numbers as ArrayLike<number>);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Whether an array may be the JSON form of bytes. */
export function isByteList(value: object): value is number[] {
  if (!Array.isArray(value) || value.length < minLength || value.length > maxLength) return false;
  for (const element of value) if (!isByte(element)) return false;
  return true;
}

export function isByte(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxByte;
}

/** Returns other bytes, given as one character each, in the type of the original, or as text if the type does not fit. */
export function withBytes(original: object, binary: string): unknown {
  const bytes = Buffer.from(binary, "latin1");
  if (Buffer.isBuffer(original)) return bytes;
  return original instanceof Uint8Array ? Uint8Array.from(bytes) : binary;
}
