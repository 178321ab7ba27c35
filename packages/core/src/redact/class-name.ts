import { hide } from "./own-property.ts";

/** A longer chain of prototypes is somebody's joke. */
const mostClasses = 100;

/** The names of an object's class and of those that it extends, which printers put before what is in the object. */
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

/** The names of a function and of the classes that it extends. */
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
 * A prototype of a class that has this name and nothing else. What has it is an instance of that class, as far as printers check,
 * and so is printed under its name.
 */
export function prototypeNamed(name: string, base: object): object {
  const prototype = Object.create(base) as object;
  const standIn = Object.defineProperty(() => undefined, "name", { value: name, configurable: true });
  hide(standIn, "prototype", prototype);
  hide(prototype, "constructor", standIn);
  return prototype;
}
