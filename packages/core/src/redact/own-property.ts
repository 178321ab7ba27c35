/** The text that replaces a member whose getter throws. */
export const notReadable = "[REDACTED: not readable]";

/** Defines a property as an assignment would, but never calls a setter such as that of `__proto__`. */
export function show(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Defines a property in the same way, but not enumerable. */
export function hide(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}

/** Whether an object has this key as an enumerable property of its own. */
export function isShown(holder: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(holder, key);
}
