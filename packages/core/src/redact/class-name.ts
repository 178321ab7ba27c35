import { hide } from "./own-property.ts";

/** The maximum number of classes in a chain of prototypes; longer chains are not examined. */
const mostClasses = 100;

/** Returns the names of an object's class and its superclasses; printers write them before the members. */
export function classNamesOf(value: object): readonly string[] {
  const names: string[] = [];
  let holder: object | null = value;
  for (let level = 0; holder !== null && holder !== Object.prototype && level < mostClasses; level++) {
    const { name } = (Object.getOwnPropertyDescriptor(holder, "constructor")?.value ?? {}) as { name?: unknown };
    if (typeof name === "string" && name !== "") names.push(name);
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return names;
}

/** Returns the names of a function and of the classes that it extends. */
export function functionNamesOf(value: object): readonly string[] {
  const names: string[] = [];
  let holder: object | null = value;
  for (let level = 0; typeof holder === "function" && level < mostClasses; level++) {
    if (typeof holder.name === "string") names.push(holder.name);
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return names;
}

/**
 * Creates a prototype whose class has this name and nothing else. Printers take an object with it for an instance of that
 * class, and print its name.
 */
export function prototypeNamed(name: string, base: object): object {
  const prototype = Object.create(base) as object;
  const standIn = Object.defineProperty(() => undefined, "name", { value: name, configurable: true });
  hide(standIn, "prototype", prototype);
  hide(prototype, "constructor", standIn);
  return prototype;
}
