import { collectFields } from "../../shared/parse/fields.ts";
import { jsonFields } from "../../shared/parse/json.ts";
import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import { goMapFields, isGoMap } from "./go-map.ts";
import { matchPattern, type Pattern } from "./pattern.ts";

/** The options for files that Vault Agent renders. */
export interface VaultAgentRules {
  /** The keys that must be there; for lines and Go maps also all that may be. */
  readonly keys: readonly string[] | undefined;
  readonly pattern: Pattern | undefined;
}

/**
 * Reads what Vault Agent rendered: JSON, `key: value` lines, or a text of a declared pattern. Its default template escapes nothing, so a
 * value can look like further keys: whatever has two readings is refused. `onLines` is told that lines were believed.
 */
export function vaultAgentFields(
  text: string,
  rules: VaultAgentRules,
  failures: ParseFailures,
  onLines: () => void,
): ReadonlyMap<string, string> {
  if (rules.pattern !== undefined) return patternFields(text, rules.pattern, failures);
  const fields = text.trimStart().startsWith("{")
    ? unwrapped(text, failures)
    : isGoMap(text)
      ? goMapFields(text, rules.keys, failures)
      : lineFields(text, rules.keys, failures, onLines);
  const missing = rules.keys?.filter((key) => !fields.has(key)) ?? [];
  if (missing.length === 0) return fields;
  const list = missing.map((key) => JSON.stringify(key)).join(", ");
  throw failures.other("field-missing", `lacks ${list}`, "Correct `keys`, or write the keys in Vault.");
}

/** A template ends with a line feed as often as not. */
function patternFields(text: string, pattern: Pattern, failures: ParseFailures): ReadonlyMap<string, string> {
  const keepsEnd = pattern.literals.at(-1)?.endsWith("\n") === true;
  const match = matchPattern(pattern, keepsEnd ? text : text.replace(/\r?\n$/, ""));
  if (match === undefined)
    throw failures.syntax("does not match `pattern`", {}, "Compare it with the template that renders the file.");
  if (match === "ambiguous")
    throw failures.ambiguous(
      "matches `pattern` in more than one way",
      "Render the fields as JSON: {{ .Data.data | toJSON }}.",
    );
  const collected = collectFields(failures);
  for (const [key, value] of match) collected.add(key, value);
  return collected.fields;
}

type Json = Readonly<Record<string, unknown>>;

/** Takes off what surrounds the data, each at most once: the whole answer of Vault, and what a KV v2 engine puts around it. */
function unwrapped(text: string, failures: ParseFailures): ReadonlyMap<string, string> {
  const fields = jsonFields(text, failures);
  const document = JSON.parse(text) as Json;
  const isAnswer = "request_id" in document && "lease_id" in document;
  if (!isAnswer) return isVersioned(document) ? dataOf(document, fields, failures) : fields;
  const data = dataOf(document, fields, failures);
  const inner = document.data as Json;
  return isVersioned(inner) ? dataOf(inner, data, failures) : data;
}

function isVersioned(document: Json): boolean {
  const { data, metadata, ...others } = document;
  return data !== undefined && isObject(metadata) && "version" in metadata && Object.keys(others).length === 0;
}

/** The source of the data is read again, so that its numbers stay as they were written. */
function dataOf(
  document: Json,
  fields: ReadonlyMap<string, string>,
  failures: ParseFailures,
): ReadonlyMap<string, string> {
  const source = fields.get("data");
  if (isObject(document.data) && source !== undefined) return jsonFields(source, failures);
  throw failures.other(
    "empty",
    "contains no data: the version is deleted or destroyed",
    "Write a new version in Vault.",
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Go prints the keys of a map in order: another order, or a line that is no key, betrays a value of several lines. */
function lineFields(
  text: string,
  keys: readonly string[] | undefined,
  failures: ParseFailures,
  onLines: () => void,
): ReadonlyMap<string, string> {
  const collected = collectFields(failures);
  let before = "";
  for (const [index, each] of text.replace(/\n$/, "").split("\n").entries()) {
    const line = index + 1;
    const [, key = "", value = ""] = /^([A-Za-z0-9_./-]+): ?(.*)$/s.exec(each) ?? [];
    const isExpected = keys === undefined ? key > before : keys.includes(key);
    if (key === "" || !(isExpected || collected.fields.has(key))) throw failures.syntax(notALine, { line }, useJson);
    if (value === "<no value>" || value === "<nil>")
      throw failures.ambiguous(`has a key without a value (line ${line})`, "Remove the key in Vault, or render JSON.");
    collected.add(key, value, line);
    before = key;
  }
  onLines();
  return collected.fields;
}

const notALine = "has a line that is not `key: value` or not in the order of keys, as with a multi-line value";
const useJson =
  'Set the annotation vault.hashicorp.com/agent-inject-default-template: "json", or declare `keys` if no value has several lines.';
