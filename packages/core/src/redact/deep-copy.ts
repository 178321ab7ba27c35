import { inspect, types } from "node:util";
import { contentOfSecret } from "../secret/secret.ts";
import { copyError } from "./error-copy.ts";
import { hide, isShown, show } from "./own-property.ts";

/** What replaces values in text, and in bytes given as one character each. */
export interface Masker {
  text(text: string): string;
  binary(binary: string): string;
}

/** Deeper levels are not looked at, so they are not passed on either. */
const maxDepth = 200;
const tooDeep = "[REDACTED: too deep to check]";
/** Takes a tenth of a second. What comes after these many is not looked at, so it is not passed on either. */
const maxValues = 100_000;
const tooLarge = "[REDACTED: too large to check]";
const notReadable = "[REDACTED: not readable]";
/** Printers show fewer levels of what can only be inspected, unless they are told to show more. */
const shownDepth = 4;
const customInspect = Symbol.for("nodejs.util.inspect.custom");

/**
 * One walk over one value. What holds no secret is given back as it is; what does is copied, and so is everything on the way to
 * it. A cycle is followed once. Own getters are read, `toJSON` and custom inspection are called, since whoever prints the value
 * would do so, after the check; the copy has what they gave. An object that shows a value only when it is inspected, such as a
 * Response or a Promise, becomes what inspection shows.
 */
export class DeepCopy {
  readonly #masker: Masker;
  /** original -> its copy, while it is walked and after */
  readonly #copies = new Map<object, unknown>();
  #replacements = 0;
  #visited = 0;

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  /** Whether anything was replaced; if not, a result that differs from its original differs only by its cycles. */
  get masked(): boolean {
    return this.#replacements > 0;
  }

  visit(value: unknown, depth = 0): unknown {
    if (++this.#visited > maxValues) return this.replaced(tooLarge);
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "symbol")
      return this.#printed(value);
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    if (this.#copies.has(value)) return this.#copies.get(value);
    if (depth >= maxDepth) return this.replaced(tooDeep);
    const copy = this.#attempted(value, depth);
    this.#copies.set(value, copy);
    return copy;
  }

  text(text: string): string {
    const masked = this.#masker.text(text);
    return masked === text ? text : this.replaced(masked);
  }

  /** Reads one property; a getter that throws is replaced. */
  read(holder: object, key: PropertyKey): unknown {
    try {
      return (holder as Record<PropertyKey, unknown>)[key];
    } catch {
      return this.replaced(notReadable);
    }
  }

  /** Says that something of the original is not in its copy. */
  replaced(by: string): string {
    this.#replacements++;
    return by;
  }

  /** Says that this copy stands for an object that is still being walked. */
  begin<C extends object>(original: object, copy: C): C {
    this.#copies.set(original, copy);
    return copy;
  }

  #isSpent(): boolean {
    return this.#visited > maxValues;
  }

  /** A value that holds a secret only where its text does. */
  #printed(value: number | bigint | symbol | object): unknown {
    const text = String(value);
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
    if (contentOfSecret(value) !== undefined || types.isDate(value)) return value;
    if (types.isNativeError(value) || value instanceof Error) return copyError(value, this, depth);
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return this.#visitBytes(value);
    if (types.isRegExp(value) || types.isBoxedPrimitive(value)) return this.#printed(value);
    if (value instanceof URL || value instanceof URLSearchParams) return this.#printed(value);
    const before = this.#replacements;
    const copy = this.#visitMembers(value, depth);
    return this.#replacements === before ? this.#inspected(value, copy, depth) : copy;
  }

  #visitMembers(value: object, depth: number): unknown {
    if (types.isMap(value)) return this.#visitMap(value, depth);
    if (types.isSet(value)) return this.#visitSet(value, depth);
    if (Array.isArray(value)) return this.#visitHolder(value, emptyArray(value.length), depth);
    if (typeof value === "function") return this.#visitHolder(value, {}, depth);
    return this.#visitPlain(value, depth);
  }

  /** What `inspect` prints of an object beyond what a walk over it met, if that holds a secret, else the copy. */
  #inspected(value: object, copy: unknown, depth: number): unknown {
    const custom = this.read(value, customInspect);
    let shown: unknown = value;
    if (typeof custom === "function") shown = custom.call(value, shownDepth, inspectOptions(), inspect);
    else if (hasHiddenMembers(value)) shown = inspect(value, { depth: shownDepth });
    if (shown === value) return copy;
    const before = this.#replacements;
    const masked = this.visit(shown, depth + 1);
    return this.#replacements === before ? copy : masked;
  }

  #visitBytes(value: ArrayBufferLike | ArrayBufferView): unknown {
    const isView = ArrayBuffer.isView(value);
    const view = isView ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value);
    const binary = view.toString("latin1");
    const masked = this.#masker.binary(binary);
    if (masked === binary) return value;
    const copy = Buffer.from(this.replaced(masked), "latin1");
    if (Buffer.isBuffer(value)) return copy;
    return value instanceof Uint8Array ? Uint8Array.from(copy) : masked;
  }

  #visitMap(map: Map<unknown, unknown>, depth: number): unknown {
    const copy = this.begin(map, new Map<unknown, unknown>());
    const properties = this.#visitProperties(map, depth);
    let changed = properties.changed;
    for (const [key, value] of map) {
      changed ||= this.#isSpent();
      if (this.#isSpent()) break;
      const newKey = this.visit(key, depth + 1);
      const newValue = this.visit(value, depth + 1);
      changed ||= newKey !== key || newValue !== value;
      copy.set(newKey, newValue);
    }
    return changed ? filled(copy, properties) : map;
  }

  #visitSet(set: Set<unknown>, depth: number): unknown {
    const copy = this.begin(set, new Set<unknown>());
    const properties = this.#visitProperties(set, depth);
    let changed = properties.changed;
    for (const value of set) {
      changed ||= this.#isSpent();
      if (this.#isSpent()) break;
      const newValue = this.visit(value, depth + 1);
      changed ||= newValue !== value;
      copy.add(newValue);
    }
    return changed ? filled(copy, properties) : set;
  }

  #visitHolder(value: object, emptyCopy: object, depth: number): unknown {
    const copy = this.begin(value, emptyCopy);
    const properties = this.#visitProperties(value, depth);
    return properties.changed ? filled(copy, properties) : value;
  }

  #visitPlain(value: object, depth: number): unknown {
    const copy = this.begin(value, Object.create(Object.getPrototypeOf(value)) as object);
    const properties = this.#visitProperties(value, depth);
    const toJson = this.read(value, "toJSON");
    const json: unknown = typeof toJson === "function" ? toJson.call(value) : value;
    const copyOfJson = json === value ? value : this.visit(json, depth + 1);
    if (copyOfJson === json && !properties.changed) return value;
    filled(copy, properties);
    // the copy has no private fields, on which methods of its class may rely when it is printed
    if (typeof this.read(value, customInspect) === "function") hide(copy, customInspect, undefined);
    if (typeof toJson === "function") hide(copy, "toJSON", json === value ? undefined : () => copyOfJson);
    return copy;
  }

  #visitProperties(original: object, depth: number): Properties {
    const copied: [PropertyKey, unknown][] = [];
    const isArray = Array.isArray(original);
    let changed = false;
    for (const key of Reflect.ownKeys(original)) {
      changed ||= this.#isSpent();
      if (this.#isSpent()) break;
      if (!isShown(original, key)) continue;
      const value = this.read(original, key);
      const newValue = this.visit(value, depth + 1);
      const newKey = typeof key === "symbol" || (isArray && isIndex(key)) ? key : this.text(key);
      changed ||= newValue !== value || newKey !== key;
      copied.push([newKey, newValue]);
    }
    return { copied, changed };
  }
}

interface Properties {
  readonly copied: readonly (readonly [PropertyKey, unknown])[];
  readonly changed: boolean;
}

/** Copies are filled only if they differ; whoever met one before, in a cycle, makes it differ. */
function filled<Copy extends object>(copy: Copy, { copied }: Properties): Copy {
  for (const [key, value] of copied) show(copy, key, value);
  return copy;
}

function isIndex(key: string): boolean {
  return String(Number(key)) === key;
}

function inspectOptions(): object {
  return { ...inspect.defaultOptions, depth: shownDepth, colors: false, stylize: String };
}

function hasHiddenMembers(value: object): boolean {
  return types.isProxy(value) || types.isPromise(value) || types.isMapIterator(value) || types.isSetIterator(value);
}

/** All holes: `slice` would take a minute over a sparse array of billions. */
function emptyArray(length: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  return array;
}
