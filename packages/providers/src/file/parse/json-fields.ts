import { lineAt, type ParseFailures } from "./parse-failure.ts";
import { collectFields } from "./parsed-fields.ts";

/** Deeper than any configuration that people write. */
export const deepest = 32;

/**
 * Reads a JSON object as fields: text as it is, numbers and booleans as they are written, objects and lists as their JSON text; null
 * is no field. Unlike `JSON.parse` it refuses a key that stands twice, and tells lines instead of quoting.
 */
export function jsonFields(text: string, failures: ParseFailures): ReadonlyMap<string, string> {
  const scanner = new JsonScanner(text, failures);
  const collected = collectFields(failures);
  scanner.document(({ key, source, line }) => {
    if (source === "null") return;
    collected.add(key, source.startsWith('"') ? (JSON.parse(source) as string) : source, line);
  });
  return collected.fields;
}

interface Member {
  readonly key: string;
  /** The value as it is written. */
  readonly source: string;
  readonly line: number;
}

/** Walks over one document, checking each rule of RFC 8259. */
class JsonScanner {
  readonly #text: string;
  readonly #failures: ParseFailures;
  #at = 0;

  constructor(text: string, failures: ParseFailures) {
    this.#text = text;
    this.#failures = failures;
  }

  document(onMember: (member: Member) => void): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== "{") {
      this.#value(0);
      this.#end();
      throw this.#failures.other("not-object", "holds JSON, but no object with keys", 'Read it with "raw".');
    }
    this.#object(1, onMember);
    this.#end();
  }

  #end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#broken();
  }

  #object(depth: number, onMember?: (member: Member) => void): void {
    const keys = new Set<string>();
    this.#list("}", depth, () => {
      const begin = this.#at;
      const key = this.#string();
      if (keys.has(key)) throw this.#failures.duplicateKey({ line: lineAt(this.#text, begin), key });
      keys.add(key);
      this.#skipSpace();
      this.#take(":");
      this.#skipSpace();
      const start = this.#at;
      this.#value(depth);
      onMember?.({ key, source: this.#text.slice(start, this.#at), line: lineAt(this.#text, begin) });
    });
  }

  /** Elements between a bracket, which stands here, and its partner. */
  #list(close: string, depth: number, element: () => void): void {
    if (depth > deepest) throw this.#failures.tooLarge(`is nested deeper than ${deepest} levels`);
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skipSpace();
      element();
      this.#skipSpace();
      if (this.#text[this.#at] === close) break;
      this.#take(",");
    }
    this.#at += 1;
  }

  #value(depth: number): void {
    const first = this.#text[this.#at];
    if (first === "{") this.#object(depth + 1);
    else if (first === "[") this.#list("]", depth + 1, () => this.#value(depth + 1));
    else if (first === '"') this.#string();
    else this.#scalar();
  }

  #string(): string {
    const start = this.#at;
    this.#take('"');
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at += 1;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      this.#at = start;
      throw this.#broken();
    }
  }

  #scalar(): void {
    const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
    scalar.lastIndex = this.#at;
    if (!scalar.test(this.#text)) throw this.#broken();
    this.#at = scalar.lastIndex;
  }

  #take(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#broken();
    this.#at += 1;
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #broken() {
    return this.#failures.syntax("is not valid JSON", { line: lineAt(this.#text, this.#at) });
  }
}
