/** A path in a document: keys and array indexes from the root. */
export type JsonPath = readonly (string | number)[];

/** Formats a path for messages: `routes[0].to`, `bindings["stripe/key"].path`; `(document)` for the root. */
export function formatPath(path: JsonPath): string {
  if (path.length === 0) return "(document)";
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : formatKey(step, index === 0))).join("");
}

/** Formats a key for messages: unchanged if it is a plain word, else quoted, escaped and shortened. */
function formatKey(key: string, first: boolean): string {
  if (/^[A-Za-z_$][\w$-]{0,63}$/.test(key)) return first ? key : `.${key}`;
  const quoted = JSON.stringify(key.length > longestKey ? `${key.slice(0, longestKey)}...` : key);
  return first ? quoted : `[${quoted}]`;
}

/** Returns the value at a path; undefined if there is none. Inherited members are ignored. */
export function valueAt(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Returns whether a path equals another one or is below it. */
export function isWithin(path: JsonPath, ancestor: JsonPath): boolean {
  return ancestor.length <= path.length && ancestor.every((step, index) => step === path[index]);
}

/** Returns whether a value is a plain object: not an array, a class instance, or a host object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

const longestKey = 80;
