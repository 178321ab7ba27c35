import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import { matchPattern } from "./pattern.ts";

/** Returns whether a line has a Go map or list for its value: Vault Agent's default template prints those of a KV v2 engine. */
export function isGoMap(text: string): boolean {
  return /^(?:[^\s:]+: ?)?(?:map\[|\[)/m.test(text);
}

/**
 * Reads `data: map[a:1 b:2]` by declared keys. Nothing in such a text is quoted, so it is accepted only where the declared keys
 * leave exactly one reading: each stands once, in order, and nothing else in it looks like a key.
 * @throws {SecretError} INVALID_VALUE, reason `go-map` without keys, else `ambiguous`; neither repeats the text
 */
export function goMapFields(
  text: string,
  keys: readonly string[] | undefined,
  failures: ParseFailures,
): ReadonlyMap<string, string> {
  if (keys === undefined) throw failures.other("go-map", "is a Go map, which cannot be parsed unambiguously", setJson);
  const entries = entriesIn(text);
  const fields = [...keys].sort();
  const literals = [...fields.map((key, index) => `${index === 0 ? "" : " "}${key}:`), ""];
  const match = entries === undefined ? undefined : matchPattern({ fields, literals }, entries);
  if (entries === undefined || match === undefined || match === "ambiguous") throw ambiguous(keys, failures);
  // One declared key after another, and no other word that could be one.
  const words = entries.match(/(?:^| )[^\s:]+:/g) ?? [];
  if (words.length !== fields.length) throw ambiguous(keys, failures);
  for (const value of match.values())
    if (/^(?:map\[|\[|<nil>$|<no value>$)/.test(value)) throw ambiguous(keys, failures);
  return match;
}

/** Returns the text between the brackets of the data. The metadata that Vault wrote itself is taken off at its last beginning. */
function entriesIn(text: string): string | undefined {
  const trimmed = text.replace(/\n+$/, "");
  const frame = trimmed.lastIndexOf(metadataStart);
  const metadata = frame < 0 ? undefined : trimmed.slice(frame + metadataStart.length);
  if (metadata !== undefined && !metadataRest.test(metadata)) return undefined;
  const data = frame < 0 ? trimmed : trimmed.slice(0, frame + 1);
  return /^(?:data: )?map\[(.*)\]$/s.exec(data)?.[1];
}

const metadataStart = "]\nmetadata: map[created_time:";
const metadataRest =
  /^[\dT:.Z+-]+ custom_metadata:(?:<nil>|map\[[^\n]*\]) deletion_time:[\dT:.Z+-]* destroyed:(?:true|false) version:\d+\]$/;

const setJson =
  'Set the annotation vault.hashicorp.com/agent-inject-default-template: "json", or use a template with {{ .Data.data | toJSON }}.';

function ambiguous(keys: readonly string[], failures: ParseFailures) {
  const list = keys.map((key) => JSON.stringify(key)).join(", ");
  return failures.ambiguous(`is a Go map that cannot be parsed unambiguously with the keys ${list}`, setJson);
}
