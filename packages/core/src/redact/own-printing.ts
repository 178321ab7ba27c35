import { types } from "node:util";

export const customInspect: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

type Method = (this: unknown, ...values: unknown[]) => unknown;

/** The built-in methods, which print only the members of an object. */
const ordinary: ReadonlySet<unknown> = new Set([
  Object.prototype.toString,
  Array.prototype.toString,
  Error.prototype.toString,
  Function.prototype.toString,
]);

/** Whether an object has methods that may print content other than its properties. */
export function printsItself(value: object): boolean {
  const { toString: toText, toJSON, [Symbol.toPrimitive]: toPrimitive, [customInspect]: custom } = value as Methods;
  return isOwn(toText) || [toJSON, toPrimitive, custom].some((method) => typeof method === "function");
}

/** Returns the text of an object by a method that was written for its class; undefined without one, or if it fails. */
export function textOf(value: object, key: "toString" | typeof Symbol.toPrimitive): string | undefined {
  try {
    const method = (value as Methods)[key];
    if (!isOwn(method)) return undefined;
    const text = key === "toString" ? method.call(value) : method.call(value, "string");
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `inspect` shows content that is not a property. */
export function hasHiddenContent(value: object): boolean {
  return types.isProxy(value) || types.isPromise(value) || types.isMapIterator(value) || types.isSetIterator(value);
}

/** Whether an object is printed as a text that cannot be copied property by property. */
export function isOpaque(value: object): boolean {
  if (types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value)) return true;
  return value instanceof URL || value instanceof URLSearchParams;
}

function isOwn(method: unknown): method is Method {
  return typeof method === "function" && !ordinary.has(method);
}

interface Methods {
  readonly toString: unknown;
  readonly toJSON?: unknown;
  readonly [Symbol.toPrimitive]?: unknown;
  readonly [customInspect]?: unknown;
}
