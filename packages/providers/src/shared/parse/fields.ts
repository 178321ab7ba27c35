import type { ParseFailures } from "./parse-errors.ts";

/** Collects the fields of one file. */
export interface ParsedFields {
  /** Adds a field. @throws {SecretError} INVALID_VALUE for an empty or duplicate key, for too many keys, and for half of a surrogate pair */
  add(key: string, value: string, line?: number): void;
  readonly fields: ReadonlyMap<string, string>;
}

/** A file with more keys is not a secret. */
const mostFields = 1000;

/** Creates an empty collection. */
export function collectFields(failures: ParseFailures): ParsedFields {
  const fields = new Map<string, string>();
  return {
    fields,
    add(key, value, line) {
      if (key === "") throw failures.syntax("has an empty key", { line });
      if (fields.has(key)) throw failures.duplicateKey({ line, key });
      if (!key.isWellFormed() || !value.isWellFormed())
        throw failures.syntax("has an escape that is half of a surrogate pair", { line, key });
      if (fields.size === mostFields) throw failures.tooLarge(`has more than ${mostFields} keys`);
      fields.set(key, value);
    },
  };
}
