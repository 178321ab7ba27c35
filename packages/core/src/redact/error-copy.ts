import type { DeepCopy } from "./deep-copy.ts";
import { hide, isShown, show } from "./own-property.ts";

const copiedByHand: ReadonlySet<PropertyKey> = new Set([
  "name",
  "message",
  "stack",
  "cause",
  "errors",
  "code",
  "toJSON",
]);

/**
 * Copies an error for printing: name, code, message, stack, cause, `errors` and its own enumerable properties, masked. The copy is
 * an Error that names the class of the original and has none of its methods: they may rely on private fields, or print other things.
 */
export function copyError(error: object, walk: DeepCopy, depth: number): Error {
  const copy = walk.begin(error, new Error(textOf(walk.read(error, "message"), walk)));
  Object.setPrototypeOf(copy, prototypeNaming(walk.read(error, "constructor")));
  place(error, copy, "name", textOf(walk.read(error, "name"), walk) || "Error");
  hide(copy, "stack", textOf(walk.read(error, "stack"), walk) || `${copy.name}: ${copy.message}`);
  for (const key of ["cause", "errors", "code"]) {
    if (key in error) place(error, copy, key, walk.visit(walk.read(error, key), depth + 1));
  }
  copyOwnProperties(error, copy, walk, depth);
  return copy;
}

function copyOwnProperties(error: object, copy: Error, walk: DeepCopy, depth: number): void {
  for (const key of Reflect.ownKeys(error)) {
    if (copiedByHand.has(key)) continue;
    if (isShown(error, key)) {
      const value = walk.visit(walk.read(error, key), depth + 1);
      show(copy, typeof key === "string" ? walk.text(key) : key, value);
    } else if (typeof key === "symbol") {
      // a mark, such as the one by which isSecretError knows its own
      const value = walk.read(error, key);
      if (typeof value === "boolean") hide(copy, key, value);
    }
  }
}

function place(error: object, copy: Error, key: string, value: unknown): void {
  (isShown(error, key) ? show : hide)(copy, key, value);
}

function textOf(value: unknown, walk: DeepCopy): string {
  return typeof value === "string" ? walk.text(value) : "";
}

/** Loggers print the name of the constructor. */
function prototypeNaming(errorClass: unknown): object {
  const prototype = Object.create(Error.prototype) as object;
  if (typeof errorClass === "function") hide(prototype, "constructor", errorClass);
  return prototype;
}
