/** A place in a JSON text that a strict reader refuses. */
export interface JsonFault {
  readonly kind: "syntax" | "too-deep" | "duplicate-key" | "lone-surrogate";
  /** Its position in the text: for a key or string, its opening quote. */
  readonly offset: number;
  /** Keys and indexes from the root; for a syntax error, the open brackets. */
  readonly path: readonly (string | number)[];
}

/**
 * Returns the faults that keep a text from being JSON (RFC 8259) that all parsers read in the same way: only its first syntax
 * error, else up to a hundred duplicate keys and strings with half of a surrogate pair. A text without faults is safe to pass
 * to `JSON.parse`, which quotes the text for the first kind and ignores the other two. There is no recursion and, by default,
 * no depth limit. No regular expression sees the text, since `RegExp.$_` would keep it.
 */
export function jsonFaults(text: string, deepest = Number.POSITIVE_INFINITY): readonly JsonFault[] {
  return new JsonScan(text, deepest).faults();
}

/** An object or array that is open. */
interface Container {
  readonly closing: "}" | "]";
  /** The keys so far; none in an array. */
  readonly keys?: Set<string>;
  /** The key or index of the value that is being read. */
  step: string | number;
}

class JsonScan {
  readonly #text: string;
  readonly #deepest: number;
  readonly #isWellFormed: boolean;
  readonly #open: Container[] = [];
  readonly #faults: JsonFault[] = [];
  #at = 0;

  constructor(text: string, deepest: number) {
    this.#text = text;
    this.#deepest = deepest;
    this.#isWellFormed = text.isWellFormed();
  }

  faults(): readonly JsonFault[] {
    if (this.#values() && this.#at === this.#text.length) return this.#faults;
    const isTooDeep = this.#open.length >= this.#deepest && this.#isOpening();
    return [this.#fault(isTooDeep ? "too-deep" : "syntax", this.#at)];
  }

  #values(): boolean {
    do {
      if (!this.#begin() || !this.#finish()) return false;
    } while (this.#open.length > 0);
    return true;
  }

  /** Reads a string or scalar and the brackets that open before it, or up to the end of an empty container. */
  #begin(): boolean {
    for (;;) {
      this.#skipSpace();
      if (!this.#isOpening()) return this.#text[this.#at] === '"' ? this.#stringValue() : this.#scalar();
      if (this.#open.length >= this.#deepest) return false;
      const container: Container = this.#take("{")
        ? { closing: "}", keys: new Set(), step: "" }
        : { closing: "]", step: 0 };
      if (container.closing === "]") this.#at += 1;
      this.#open.push(container);
      this.#skipSpace();
      if (this.#text[this.#at] === container.closing) return true;
      if (container.keys !== undefined && !this.#key(container)) return false;
    }
  }

  /** Reads the brackets that close after a value, up to the place where the next value is due. */
  #finish(): boolean {
    for (;;) {
      this.#skipSpace();
      const container = this.#open.at(-1);
      if (container === undefined) return true;
      if (this.#take(container.closing)) this.#open.pop();
      else if (!this.#take(",")) return false;
      else return this.#next(container);
    }
  }

  #next(container: Container): boolean {
    if (typeof container.step === "string") return this.#key(container);
    container.step += 1;
    return true;
  }

  #key(container: Container): boolean {
    this.#skipSpace();
    const offset = this.#at;
    const key = this.#string(true);
    if (key === undefined) return false;
    container.step = key;
    if (!key.isWellFormed()) this.#report("lone-surrogate", offset);
    if (container.keys?.has(key)) this.#report("duplicate-key", offset);
    container.keys?.add(key);
    this.#skipSpace();
    return this.#take(":");
  }

  #stringValue(): boolean {
    const offset = this.#at;
    const text = this.#string(false);
    if (text?.isWellFormed() === false) this.#report("lone-surrogate", offset);
    return text !== undefined;
  }

  /** Reads a string and returns its text, which is decoded only where it is a key or may hold half of a pair. */
  #string(isKey: boolean): string | undefined {
    const start = this.#at;
    if (!this.#take('"')) return undefined;
    let hasEscape = false;
    let hasUnit = false;
    for (let code = this.#code(); code !== quote; code = this.#code()) {
      // NaN, at the end of the text, is not at least anything
      if (!(code >= space)) return undefined;
      if (code !== backslash) this.#at += 1;
      else {
        const length = this.#escapeLength();
        if (length === 0) return undefined;
        hasEscape = true;
        hasUnit ||= length > 2;
        this.#at += length;
      }
    }
    this.#at += 1;
    if (this.#isWellFormed && !hasUnit && !(isKey && hasEscape)) return this.#text.slice(start + 1, this.#at - 1);
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  /** The length of the escape sequence here; 0 for none. */
  #escapeLength(): number {
    const letter = this.#text[this.#at + 1] ?? " ";
    if ('"\\/bfnrt'.includes(letter)) return 2;
    if (letter !== "u") return 0;
    for (let digit = 2; digit < 6; digit++) {
      if (!"0123456789abcdefABCDEF".includes(this.#text[this.#at + digit] ?? " ")) return 0;
    }
    return 6;
  }

  #scalar(): boolean {
    const word = ["true", "false", "null"].find((each) => this.#text.startsWith(each, this.#at));
    if (word === undefined) return this.#number();
    this.#at += word.length;
    return true;
  }

  /** Reads as much as is a number: what follows is judged by whoever comes next. */
  #number(): boolean {
    const minus = this.#text[this.#at] === "-" ? 1 : 0;
    const digits = this.#text[this.#at + minus] === "0" ? 1 : this.#digits(this.#at + minus);
    if (digits === 0) return false;
    this.#at += minus + digits;
    const decimals = this.#text[this.#at] === "." ? this.#digits(this.#at + 1) : 0;
    if (decimals > 0) this.#at += 1 + decimals;
    if (!"eE".includes(this.#text[this.#at] ?? " ")) return true;
    const sign = "+-".includes(this.#text[this.#at + 1] ?? " ") ? 1 : 0;
    const exponent = this.#digits(this.#at + 1 + sign);
    if (exponent > 0) this.#at += 1 + sign + exponent;
    return true;
  }

  /** How many digits there are from a place on. */
  #digits(from: number): number {
    let at = from;
    while ("0123456789".includes(this.#text[at] ?? " ")) at += 1;
    return at - from;
  }

  #isOpening(): boolean {
    return "{[".includes(this.#text[this.#at] ?? " ");
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  /** Each fault has its path, so without a bound a hostile document of a megabyte would take seconds. */
  #report(kind: JsonFault["kind"], offset: number): void {
    if (this.#faults.length < mostFaults) this.#faults.push(this.#fault(kind, offset));
  }

  #fault(kind: JsonFault["kind"], offset: number): JsonFault {
    return { kind, offset, path: this.#open.map(({ step }) => step) };
  }
}

const mostFaults = 100;
const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
