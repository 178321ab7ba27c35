import { types } from "node:util";

/**
 * Creates an empty copy of an object. It is filled only if it differs from the original; a cycle that has already used the copy
 * makes it differ.
 */
export function emptyCopyOf(value: object): object {
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (Array.isArray(value)) return emptyArray(value.length);
  return typeof value === "function" ? {} : (Object.create(Object.getPrototypeOf(value)) as object);
}

/** Creates an array of holes; `slice` would take a minute for a sparse array with billions of elements. */
function emptyArray(length: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  return array;
}
