/** Stands for what throws when it is read. */
export const notReadable = "[REDACTED: not readable]";

/** Defines a property as an assignment would, but never calls a setter such as that of `__proto__`. */
export function show(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The same for a property that a walk over the object does not meet. */
export function hide(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}

/** Whether a walk over the object meets this key. */
export function isShown(holder: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(holder, key);
}
