import type { ConfigProblem } from "./config-problem.ts";
import type { JsonPath } from "./json-path.ts";

/** A parsed document, or where it is malformed. */
export type DocumentText = { readonly value: unknown } | { readonly problems: readonly ConfigProblem[] };

/**
 * Reads JSON. `JSON.parse` quotes its input when it fails and lets the last of two equal keys win in silence,
 * so a scan finds the position of the first error, and every repeated key.
 */
export function parseJson(text: string): DocumentText {
  const scan = new JsonScan(text);
  const offset = scan.firstError();
  if (offset !== undefined) return { problems: [syntaxProblem(text, offset)] };
  return scan.repeated.length > 0 ? { problems: scan.repeated } : { value: JSON.parse(text) as unknown };
}

/** Says where the text stops making sense, never what stands there. */
function syntaxProblem(text: string, offset: number): ConfigProblem {
  const before = text.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return {
    path: [],
    message: `is not valid JSON: line ${before.length}, column ${column}`,
    reason: "syntax",
    tip: "Look just before that position: a comma, a quote or a bracket is missing or too many.",
  };
}

/** Deeper than any document that means something, and far from the depth at which recursion ends. */
export const deepest = 32;

class JsonScan {
  readonly repeated: ConfigProblem[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  firstError(): number | undefined {
    const whole = this.#value([]) && this.#space() >= this.#text.length;
    return whole ? undefined : this.#at;
  }

  #value(path: JsonPath): boolean {
    this.#space();
    if (path.length > deepest) return false;
    if (this.#take("{")) return this.#members(path);
    if (this.#take("[")) return this.#elements(path);
    return this.#string() !== undefined || this.#match(scalar) !== undefined;
  }

  #members(path: JsonPath): boolean {
    if (this.#closes("}")) return true;
    const keys = new Set<string>();
    do {
      this.#space();
      const key = this.#string();
      if (key === undefined) return false;
      if (keys.has(key)) this.repeated.push(repeatedKey([...path, key]));
      keys.add(key);
      this.#space();
      if (!this.#take(":") || !this.#value([...path, key])) return false;
      this.#space();
    } while (this.#take(","));
    return this.#take("}");
  }

  #elements(path: JsonPath): boolean {
    if (this.#closes("]")) return true;
    let index = 0;
    do {
      if (!this.#value([...path, index])) return false;
      index += 1;
      this.#space();
    } while (this.#take(","));
    return this.#take("]");
  }

  /** A loop instead of one expression: a long string would exhaust the stack of the expression engine. */
  #string(): string | undefined {
    const start = this.#at;
    if (!this.#take('"')) return undefined;
    for (;;) {
      this.#match(plainCharacters);
      if (this.#take('"')) return JSON.parse(this.#text.slice(start, this.#at)) as string;
      if (this.#match(escapeSequence) === undefined) return undefined;
    }
  }

  #closes(bracket: string): boolean {
    this.#space();
    return this.#take(bracket);
  }

  #take(character: string): boolean {
    const found = this.#text[this.#at] === character;
    if (found) this.#at += 1;
    return found;
  }

  #space(): number {
    this.#match(space);
    return this.#at;
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const [found] = expression.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }
}

/** RFC 8259. */
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const plainCharacters = /[^"\\\u0000-\u001f]*/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const space = /[ \t\n\r]*/y;

function repeatedKey(path: JsonPath): ConfigProblem {
  return {
    path,
    message: "stands there more than once",
    reason: "duplicate-key",
    tip: "Keep one of them: which one would win differs between readers.",
  };
}
