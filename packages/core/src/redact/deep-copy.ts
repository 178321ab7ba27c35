import { inspect, types } from "node:util";
import { contentOfSecret } from "../secret/secret.ts";
import { classNamesOf, functionNamesOf, prototypeNamed } from "./class-name.ts";
import { emptyCopyOf } from "./empty-copy.ts";
import { copyError } from "./error-copy.ts";
import { minLength } from "./mask-policy.ts";
import { customInspect, hasHiddenContent, isOpaque, textOf } from "./own-printing.ts";
import { hide, isShown, notReadable, show } from "./own-property.ts";
import { bytesShown, isByteList, withBytes } from "./shown-bytes.ts";
import { type SpreadText, spreadTextOf } from "./spread-text.ts";

/** Replaces values in texts, and in bytes with one character each. */
export interface Masker {
  text(text: string): string;
  binary(binary: string): string;
  /** Whether none of these texts contains a value. */
  isClean(texts: readonly string[]): boolean;
}

/** The maximum depth; deeper levels are not checked, so they are not passed on. */
const maxDepth = 200;
const tooDeep = "[REDACTED: too deep to check]";
/** The maximum number of values, which take a tenth of a second. Further values are not checked, so they are not passed on. */
const maxValues = 100_000;
const tooLarge = "[REDACTED: too large to check]";
/** The depth of inspection; printers show fewer levels by default. */
const shownDepth = 4;

/**
 * Copies one value. Parts without a secret are returned unchanged; parts with one are copied, and so is everything that
 * contains them. A cycle is followed once. Own getters are read and custom printing methods are called, as a printer would
 * after the check; the copy contains their results. An object that shows a value only when it is inspected, such as a Response
 * or a Promise, is replaced with the result of its inspection.
 */
export class DeepCopy {
  readonly #masker: Masker;
  /** Original -> its copy, also while it is being visited. */
  readonly #copies = new Map<object, unknown>();
  #replacements = 0;
  #visited = 0;

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  /** The number of replacements. If it is 0, a copy differs from its original only in its cycles. */
  get replacements(): number {
    return this.#replacements;
  }

  visit(value: unknown, depth = 0): unknown {
    if (++this.#visited > maxValues) return this.replaced(tooLarge);
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "symbol")
      return this.#asShown(value, String(value));
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    if (this.#copies.has(value)) return this.#copies.get(value);
    if (depth >= maxDepth) return this.replaced(tooDeep);
    const copy = this.#attempted(value, depth);
    this.#copies.set(value, copy);
    return copy;
  }

  text(text: string): string {
    if (text.length < minLength) return text;
    const masked = this.#masker.text(text);
    return masked === text ? text : this.replaced(masked);
  }

  /** Returns a masked key. */
  key(key: PropertyKey): PropertyKey {
    if (typeof key !== "symbol") return this.text(String(key));
    const masked = this.text(key.description ?? "");
    return masked === (key.description ?? "") ? key : Symbol(masked);
  }

  /** Reads one property; a getter that throws is replaced. */
  read(holder: object, key: PropertyKey): unknown {
    try {
      return (holder as Record<PropertyKey, unknown>)[key];
    } catch {
      return this.replaced(notReadable);
    }
  }

  /** Counts a replacement, and returns the replacing text. */
  replaced(by: string): string {
    this.#replacements++;
    return by;
  }

  /** Registers the copy of an object that is still being visited. */
  begin<C extends object>(original: object, copy: C): C {
    this.#copies.set(original, copy);
    return copy;
  }

  /** Returns replacements of the custom printing methods of an object, which return the masked results of the originals. */
  methods(value: object, depth: number): Members {
    const copied: [PropertyKey, unknown][] = [];
    const before = this.#replacements;
    let changed = false;
    const toJson = this.read(value, "toJSON");
    if (typeof toJson === "function") {
      const json: unknown = toJson.call(value);
      const masked = json === value ? value : this.visit(json, depth + 1);
      changed = masked !== json;
      copied.push(["toJSON", json === value ? undefined : () => masked]);
    }
    for (const key of ["toString", Symbol.toPrimitive] as const) {
      const text = textOf(value, key);
      const masked = text === undefined ? undefined : this.text(text);
      if (masked !== undefined) copied.push([key, () => masked]);
    }
    return { copied, changed: changed || this.#replacements > before };
  }

  /** Returns the masked inspection of an object if it contains a secret that its members do not, else `other`. */
  inspected(value: object, other: unknown, depth: number): unknown {
    const custom = this.read(value, customInspect);
    let shown: unknown = value;
    if (typeof custom === "function") shown = custom.call(value, shownDepth, inspectOptions(), inspect);
    else if (hasHiddenContent(value)) shown = inspect(value, { depth: shownDepth });
    if (shown === value) return other;
    const before = this.#replacements;
    const masked = this.visit(shown, depth + 1);
    return this.#replacements === before ? other : masked;
  }

  #isSpent(): boolean {
    return this.#visited > maxValues;
  }

  /** Returns the value, or its masked text if this text contains a secret. */
  #asShown(value: unknown, text: string): unknown {
    const masked = this.text(text);
    return masked === text ? value : masked;
  }

  #attempted(value: object, depth: number): unknown {
    try {
      return this.#visitObject(value, depth);
    } catch {
      return this.replaced(notReadable);
    }
  }

  #visitObject(value: object, depth: number): unknown {
    if (contentOfSecret(value) !== undefined) return value;
    if (types.isNativeError(value) || value instanceof Error) return copyError(value, this, depth);
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return this.#visitBytes(value);
    if (isOpaque(value)) return this.#visitOpaque(value);
    if (isByteList(value)) return this.#asShownBytes(value, Buffer.from(value).toString("latin1"));
    const spread = spreadTextOf(value);
    if (spread !== undefined) {
      const masked = this.#masker.text(spread.text);
      if (masked !== spread.text) return this.#withoutSpread(value, spread, this.replaced(masked), depth);
    }
    return this.#visitHolder(value, depth);
  }

  /** Replaces a spread text with the masked one: the whole object if it has no other members, else its first member. */
  #withoutSpread(value: object, { keys }: SpreadText, masked: string, depth: number): unknown {
    const others = Reflect.ownKeys(value).filter((key) => !keys.has(key) && isShown(value, key));
    if (others.length === 0) return masked;
    const copy = this.begin(value, emptyCopyOf(value));
    show(copy, "0", masked);
    for (const key of others) show(copy, this.key(key), this.visit(this.read(value, key), depth + 1));
    return copy;
  }

  #visitOpaque(value: object): unknown {
    const shown = this.#asShown(value, types.isDate(value) ? "" : String(value));
    return shown === value ? this.#asShown(value, inspect(value, { depth: shownDepth })) : shown;
  }

  #visitBytes(value: ArrayBufferLike | ArrayBufferView): unknown {
    const shown = this.#asShownBytes(value, bytesShown(value).toString("latin1"));
    // Checks additional properties; the bytes themselves are too many to inspect.
    return shown === value ? this.#asShown(value, inspect(value, { depth: shownDepth, maxArrayLength: 0 })) : shown;
  }

  #asShownBytes(value: object, binary: string): unknown {
    const masked = this.#masker.binary(binary);
    return masked === binary ? value : withBytes(value, this.replaced(masked));
  }

  #visitHolder(value: object, depth: number): unknown {
    const copy = this.begin(value, emptyCopyOf(value));
    const before = this.#replacements;
    const hasNewClass = this.#visitClass(value, copy);
    const properties = this.#visitProperties(value, depth);
    const hasNewEntries = this.#visitEntries(value, copy, depth);
    const methods = this.methods(value, depth);
    const changed = hasNewClass || hasNewEntries || properties.changed || methods.changed;
    if (changed) {
      for (const [key, member] of properties.copied) show(copy, key, member);
      // The copy has no private fields, which methods of its class may need for printing.
      if (typeof this.read(value, customInspect) === "function") hide(copy, customInspect, undefined);
      for (const [key, method] of methods.copied) hide(copy, key, method);
    }
    const result = changed ? copy : value;
    return this.#replacements === before ? this.inspected(value, result, depth) : result;
  }

  /** Gives the copy another class if the name of the original's contains a value; returns whether it did. */
  #visitClass(value: object, copy: object): boolean {
    const tag = this.read(value, Symbol.toStringTag);
    const names = typeof value === "function" ? functionNamesOf(value) : classNamesOf(value);
    const shown = typeof tag === "string" ? [...names, tag] : names;
    const masked = shown.map((name) => this.text(name));
    if (masked.every((name, index) => name === shown[index])) return false;
    // Copies of other kinds have no class of their own.
    if (Object.getPrototypeOf(copy) === Object.getPrototypeOf(value))
      Object.setPrototypeOf(copy, prototypeNamed(masked[0] ?? "", Object.prototype));
    return true;
  }

  /** Fills the copy of a Map or Set; returns whether it differs from the original. */
  #visitEntries(original: object, copy: object, depth: number): boolean {
    let changed = false;
    const isMap = types.isMap(original);
    if (!isMap && !types.isSet(original)) return false;
    for (const [key, value] of isMap ? Map.prototype.entries.call(original) : Set.prototype.entries.call(original)) {
      changed ||= this.#isSpent();
      if (this.#isSpent()) break;
      const newKey = this.visit(key, depth + 1);
      const newValue = isMap ? this.visit(value, depth + 1) : newKey;
      changed ||= newKey !== key || newValue !== value;
      if (isMap) (copy as Map<unknown, unknown>).set(newKey, newValue);
      else (copy as Set<unknown>).add(newKey);
    }
    return changed;
  }

  #visitProperties(original: object, depth: number): Members {
    const copied: [PropertyKey, unknown][] = [];
    const isArray = Array.isArray(original);
    let changed = false;
    for (const key of Reflect.ownKeys(original)) {
      changed ||= this.#isSpent();
      if (this.#isSpent()) break;
      if (!isShown(original, key)) continue;
      const value = this.read(original, key);
      const newValue = this.visit(value, depth + 1);
      const newKey = isArray && typeof key === "string" && isIndex(key) ? key : this.key(key);
      changed ||= newValue !== value || newKey !== key;
      copied.push([newKey, newValue]);
    }
    return { copied, changed };
  }
}

/** The members of a copy. */
interface Members {
  readonly copied: readonly (readonly [PropertyKey, unknown])[];
  readonly changed: boolean;
}

function isIndex(key: string): boolean {
  return String(Number(key)) === key;
}

function inspectOptions(): object {
  return { ...inspect.defaultOptions, depth: shownDepth, colors: false, stylize: String };
}
