import { type JsonFault, jsonFaults, jsonMembers, type SecretError } from "@tacit/core/provider";
import { collectFields } from "./fields.ts";
import { lineAt, type ParseFailures } from "./parse-errors.ts";

/** The maximum nesting; configuration written by people is never as deep. */
export const deepest = 32;

/**
 * Parses a JSON object to fields: the text of strings, the JSON text of all other values; a key with null is left out. Unlike `JSON.parse`,
 * it refuses duplicate keys, and its errors contain line numbers instead of quotes.
 * @throws {SecretError} INVALID_VALUE
 */
export function jsonFields(text: string, failures: ParseFailures): ReadonlyMap<string, string> {
  const [fault] = jsonFaults(text, deepest);
  if (fault !== undefined) throw errorOf(fault, text, failures);
  if (!/^[ \t\n\r]*\{/.test(text))
    throw failures.other("not-object", "contains JSON, but not an object with keys", 'Read it with "raw".');
  const collected = collectFields(failures);
  for (const [key, { source, offset }] of jsonMembers(text)) {
    if (source === "null") continue;
    collected.add(key, source.startsWith('"') ? (JSON.parse(source) as string) : source, lineAt(text, offset));
  }
  return collected.fields;
}

function errorOf({ kind, offset, path }: JsonFault, text: string, failures: ParseFailures): SecretError {
  const line = lineAt(text, offset);
  const key = path.findLast((step) => typeof step === "string");
  switch (kind) {
    case "too-deep":
      return failures.tooLarge(`is nested deeper than ${deepest} levels`);
    case "duplicate-key":
      return failures.duplicateKey({ line, key });
    case "lone-surrogate":
      return failures.syntax("has an escape that is half of a surrogate pair", { line, key });
    case "syntax":
      return failures.syntax("is not valid JSON", { line });
  }
}
