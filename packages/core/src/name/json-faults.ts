/** A place in a JSON text that a strict reader refuses. */
export interface JsonFault {
  readonly kind: "syntax" | "too-deep" | "duplicate-key" | "lone-surrogate";
  /** The 0-based position in the text, in UTF-16 code units; for a key or string, of its opening quote. */
  readonly offset: number;
  /** The keys and indexes from the root; for a syntax error, those of the containers that are open there. */
  readonly path: readonly (string | number)[];
}

/**
 * Returns the faults for which a text is not JSON (RFC 8259) that all parsers read alike: only the first syntax error, or else
 * up to a hundred duplicate keys and strings with half of a surrogate pair. A text without faults is safe for `JSON.parse`,
 * whose syntax errors quote the text and which ignores the other faults. There is no recursion, and no regular expression,
 * because `RegExp.$_` would keep the text.
 * @param deepest the most levels of nesting; default: no limit
 */
export function jsonFaults(text: string, deepest = Number.POSITIVE_INFINITY): readonly JsonFault[] {
  return new JsonScan(text, deepest).faults();
}

/** An object or array whose closing bracket has not been read. */
interface Container {
  readonly closing: "}" | "]";
  /** The keys read so far; absent for an array. */
  readonly keys?: Set<string>;
  /** The key or index of the current value. */
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

  /** Reads opening brackets and the first string or scalar, or stops before the closing bracket of an empty container. */
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

  /** Reads the closing brackets after a value, and the comma and key before the next value. */
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

  /**
   * Reads a string and returns its text; decodes escapes only for a key, or if the string may contain half of a surrogate pair.
   */
  #string(isKey: boolean): string | undefined {
    const start = this.#at;
    if (!this.#take('"')) return undefined;
    let hasEscape = false;
    let hasUnit = false;
    for (let code = this.#code(); code !== quote; code = this.#code()) {
      // At the end of the text the code is NaN, so the comparison is false.
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

  /** Returns the length of the escape sequence at the current position; 0 if it is invalid. */
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

  /** Reads the longest valid number; the caller detects invalid characters after it. */
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

  /** Returns the number of consecutive digits from a position. */
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

  /** Records a fault. Each has its path, so without a limit a hostile document of a megabyte would take seconds. */
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
