import { types } from "node:util";

/**
 * What a copy of an object is begun with. Copies are filled only if they differ; whoever met one before, in a cycle, makes it differ.
 */
export function emptyCopyOf(value: object): object {
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (Array.isArray(value)) return emptyArray(value.length);
  return typeof value === "function" ? {} : (Object.create(Object.getPrototypeOf(value)) as object);
}

/** All holes: `slice` would take a minute over a sparse array of billions. */
function emptyArray(length: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  return array;
}
