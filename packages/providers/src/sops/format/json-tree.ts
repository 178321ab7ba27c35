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
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g) ?? [];
  if (tokens.length > mostTokens) throw failures.tooLarge("contains too many values");
  if (tokens.some((token) => token.length > mostDigits && /^[-\d]/.test(token)))
    throw failures.unsupported("has a number that SOPS cannot represent", {});
  const root = new JsonReader(tokens).node();
  if (root.kind !== "map")
    throw failures.other("not-object", "contains JSON, but not an object with keys", encryptAgain);
  return root;
}

/** As many as the values of the largest file have, and what stands around them. */
const mostTokens = 10 * mostLeaves;

/** The largest number has 309. To read many more takes long. */
const mostDigits = 1000;

const encryptAgain = "Encrypt it again with sops; other programs cannot write such a file.";

/** Walks over the tokens of a text that is known to be JSON. */
class JsonReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  node(): SopsNode {
    const token = this.#take();
    if (token === "{") return { kind: "map", items: this.#items(() => this.#member()) };
    if (token === "[") return { kind: "list", items: this.#items(() => this.node()) };
    if (token.startsWith('"')) return leafOf("str", JSON.parse(token) as string);
    if (token === "null") return leafOf("null", "");
    if (token === "true" || token === "false") return leafOf("bool", token === "true" ? "True" : "False");
    return numberLeaf(token);
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? "";
  }

  #member(): { readonly key: string; readonly value: SopsNode } {
    const key = JSON.parse(this.#take()) as string;
    this.#take();
    return { key, value: this.node() };
  }

  #items<T>(read: () => T): readonly T[] {
    const items: T[] = [];
    const isEnd = (): boolean => /^[\]}]$/.test(this.#tokens[this.#at] ?? "]");
    while (!isEnd()) {
      items.push(read());
      if (!isEnd()) this.#take();
    }
    this.#take();
    return items;
  }
}

/** An integer of 64 bits, or else a floating point number. */
function numberLeaf(token: string): SopsNode {
  if (/^-?\d+$/.test(token) && BigInt.asIntN(64, BigInt(token)) === BigInt(token))
    return leafOf("int", BigInt(token).toString());
  return leafOf("float", floatText(Number(token)));
}
