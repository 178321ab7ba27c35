import { afterAll, expect } from "vitest";
import { messageFaults, type Told } from "./message-style.ts";

// Every SecretError marks itself with this symbol when its message and tip are there, so nothing in it has to know of tests.
const mark = Symbol.for("tacit.secret-error");
const key = Symbol.for("tacit.checked-messages");
const holder = globalThis as { [key]?: Set<string> };

/** How the errors made in this process so far depart from the style of messages; it is empty between test files. */
export const departures: Set<string> = holder[key] ?? watched();

function watched(): Set<string> {
  const faults = new Set<string>();
  const { defineProperty } = Object;
  Object.defineProperty = <T>(target: T, name: PropertyKey, descriptor: PropertyDescriptor & ThisType<unknown>): T => {
    if (name === mark) for (const fault of messageFaults(target as unknown as Told)) faults.add(fault);
    return defineProperty(target, name, descriptor);
  };
  holder[key] = faults;
  return faults;
}

afterAll(() => {
  const found = [...departures];
  departures.clear();
  expect(found).toEqual([]);
});
