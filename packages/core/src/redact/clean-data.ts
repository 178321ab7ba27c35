import { types } from "node:util";
import { classNamesOf } from "./class-name.ts";
import type { Masker } from "./deep-copy.ts";
import { holdsExchange, mayQuote } from "./error-copy.ts";
import { minLength } from "./mask-policy.ts";
import { printsItself } from "./own-printing.ts";
import { isByte } from "./shown-bytes.ts";
import { spreadTextOf } from "./spread-text.ts";

/** The limits of the quick check; larger values are copied as if they contained a secret, which costs more anyway. */
const maxDepth = 10;
const maxTexts = 10_000;
const maxLength = 262_144;

/**
 * Checks quickly the values that are logged most often: data, objects of classes without custom printing, and errors. It makes
 * no copies, and searches all texts at once. Returns true if the value may be passed on unchanged; false if that is not
 * certain.
 */
export function isCleanData(value: unknown, masker: Masker): boolean {
  const texts = new Texts();
  try {
    return texts.takes(value, 0) && masker.isClean(texts.found);
  } catch {
    return false;
  }
}

class Texts {
  readonly found: string[] = [];
  #length = 0;

  /** Collects all texts of a value; returns false if it may print others. */
  takes(value: unknown, depth: number): boolean {
    if (typeof value === "string") return this.#takesText(value);
    if (typeof value === "number") return isShortNumber(value) || this.#takesText(String(value));
    if (typeof value === "object" && value !== null) return depth < maxDepth && this.#takesObject(value, depth);
    return typeof value === "boolean" || value === undefined || value === null;
  }

  #takesText(text: string): boolean {
    if (text.length < minLength) return true;
    this.#length += text.length;
    return this.#length <= maxLength && this.found.push(text) <= maxTexts;
  }

  #takesObject(value: object, depth: number): boolean {
    if (types.isProxy(value) || printsItself(value) || spreadTextOf(value) !== undefined) return false;
    if (Array.isArray(value)) return this.#takesArray(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null) return false;
    if (prototype !== Object.prototype && !classNamesOf(value).every((name) => this.#takesText(name))) return false;
    if (types.isNativeError(value)) return this.#takesError(value, depth) && this.#takesMembers(value, depth);
    // An object with another tag, such as a Map, has more content than its properties.
    return Object.prototype.toString.call(value) === "[object Object]" && this.#takesMembers(value, depth);
  }

  #takesArray(array: readonly unknown[], depth: number): boolean {
    if (array.length > maxTexts || Object.getPrototypeOf(array) !== Array.prototype) return false;
    if (isByte(array[0]) && array.length >= minLength) return false;
    // The array has no holes and no additional properties.
    if (Reflect.ownKeys(array).length !== array.length + 1) return false;
    return array.every((element) => this.takes(element, depth + 1));
  }

  #takesError(error: Error, depth: number): boolean {
    const { name, message, stack, cause } = error;
    if (mayQuote(message) || holdsExchange(error, (key) => Reflect.get(error, key))) return false;
    if (!(this.takes(name, depth) && this.takes(message, depth) && this.takes(stack, depth))) return false;
    return this.takes(cause, depth + 1) && this.takes((error as { errors?: unknown }).errors, depth + 1);
  }

  #takesMembers(value: object, depth: number): boolean {
    const members = value as Record<PropertyKey, unknown>;
    for (const key of Object.keys(value)) {
      if (!(this.#takesText(key) && this.takes(members[key], depth + 1))) return false;
    }
    for (const key of Object.getOwnPropertySymbols(value)) {
      if (!(this.#takesText(key.description ?? "") && this.takes(members[key], depth + 1))) return false;
    }
    return true;
  }
}

/** Whether a number is too short to contain a value: those have at least four characters. */
function isShortNumber(value: number): boolean {
  return value > -100 && value < 1_000 && Number.isInteger(value);
}
