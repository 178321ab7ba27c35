import { jsonFaults } from "@tacit/core/provider";
import { deepest } from "../../shared/parse/json.ts";
import { lineAt, type ParseFailures } from "../../shared/parse/parse-errors.ts";
import { floatText, leafOf, mostLeaves, type SopsMap, type SopsNode } from "../tree.ts";

/** Reads JSON in the order in which it is written, with numbers as SOPS reads them. @throws {SecretError} INVALID_VALUE */
export function jsonTree(text: string, failures: ParseFailures): SopsMap {
  const [fault] = jsonFaults(text, deepest);
  if (fault !== undefined) {
    const line = lineAt(text, fault.offset);
    if (fault.kind === "too-deep") throw failures.tooLarge(`is nested deeper than ${deepest} levels`);
    throw fault.kind === "duplicate-key"
      ? failures.duplicateKey({ line })
      : failures.syntax("is not valid JSON", { line });
  }
  const root = new JsonReader(text, failures).node();
  if (root.kind !== "map")
    throw failures.other("not-object", "contains JSON, but not an object with keys", encryptAgain);
  return root;
}

/** Limits the values of a file, with the lists and maps around them and those of the metadata. */
const mostNodes = 5 * mostLeaves;

/** The largest number has 309. To read many more takes long. */
const mostDigits = 1000;

const encryptAgain = "Encrypt it again with sops; other programs cannot write such a file.";

/** Reads a text that is known to be JSON. A regular expression for strings would take thirty times the memory of a long one. */
class JsonReader {
  readonly #text: string;
  readonly #failures: ParseFailures;
  #at = 0;
  #nodes = 0;

  constructor(text: string, failures: ParseFailures) {
    this.#text = text;
    this.#failures = failures;
  }

  node(): SopsNode {
    if (++this.#nodes > mostNodes) throw this.#failures.tooLarge("contains too many values");
    const start = this.#next();
    if (start === "{") return { kind: "map", items: this.#items(() => this.#member()) };
    if (start === "[") return { kind: "list", items: this.#items(() => this.node()) };
    return start === '"' ? leafOf("str", this.#string()) : this.#scalar();
  }

  #member(): { readonly key: string; readonly value: SopsNode } {
    this.#next();
    const key = this.#string();
    this.#next();
    this.#at += 1;
    return { key, value: this.node() };
  }

  /** Reads the items between two brackets, and the commas and the closing bracket behind them. */
  #items<T>(read: () => T): readonly T[] {
    const items: T[] = [];
    this.#at += 1;
    while (!isClosing(this.#next())) {
      items.push(read());
      if (this.#next() === ",") this.#at += 1;
    }
    this.#at += 1;
    return items;
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at += 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #scalar(): SopsNode {
    const start = this.#at;
    while (!",]} \t\n\r".includes(this.#text[this.#at] ?? " ")) this.#at += 1;
    const word = this.#text.slice(start, this.#at);
    if (word === "null") return leafOf("null", "");
    if (word === "true" || word === "false") return leafOf("bool", word === "true" ? "True" : "False");
    if (word.length > mostDigits || !Number.isFinite(Number(word)))
      throw this.#failures.unsupported("has a number that SOPS cannot represent", {});
    return numberLeaf(word);
  }

  /** Skips white space, and returns the character behind it. */
  #next(): string {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
    return this.#text[this.#at] ?? "";
  }
}

function isClosing(character: string): boolean {
  return character === "]" || character === "}";
}

/** An integer of 64 bits, or else a floating point number. */
function numberLeaf(token: string): SopsNode {
  if (/^-?\d+$/.test(token) && BigInt.asIntN(64, BigInt(token)) === BigInt(token))
    return leafOf("int", BigInt(token).toString());
  return leafOf("float", floatText(Number(token)));
}
