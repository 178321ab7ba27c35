import { collectFields } from "./fields.ts";
import type { ParseFailures } from "./parse-errors.ts";
import { withoutBlanksAround } from "./text.ts";

/**
 * Reads an INI file: what Python's configparser, Go's ini, git and PHP read alike, and nothing else. A key above the first section is a
 * field; a section is a field that holds the JSON object of its keys, so that `#/section/key` reads one of them. Nothing is substituted.
 */
export function iniFields(text: string, failures: ParseFailures): ReadonlyMap<string, string> {
  const top = collectFields(failures);
  let section:
    | { readonly name: string; readonly line: number; readonly keys: ReturnType<typeof collectFields> }
    | undefined;
  const close = (): void => {
    if (section === undefined) return;
    top.add(section.name, JSON.stringify(Object.fromEntries(section.keys.fields)), section.line);
    section = undefined;
  };
  for (const [index, each] of text.split(/\r\n|\n/).entries()) {
    const line = index + 1;
    if (/^[ \t]*(?:[;#].*)?$/.test(each)) continue;
    if (/^[ \t]/.test(each))
      throw failures.syntax("has an indented line, which some parsers read as the continuation of a value", { line });
    const [, name] = /^\[([A-Za-z0-9_./-]+)\][ \t]*$/.exec(each) ?? [];
    if (name !== undefined) {
      close();
      section = { name, line, keys: collectFields(failures) };
      continue;
    }
    const at = each.indexOf("=");
    const key = withoutBlanksAround(each.slice(0, Math.max(at, 0)));
    const value = withoutBlanksAround(each.slice(at + 1));
    if (!/^[A-Za-z0-9_./-]+$/.test(key))
      throw failures.syntax("has a line that is neither [section] nor key = value", { line });
    assertPlain(value, failures, { line, key });
    (section?.keys ?? top).add(key, value, line);
  }
  close();
  return top.fields;
}

/** Readers differ about quotes, comments behind a value, and a backslash at the end of a line. */
function assertPlain(value: string, failures: ParseFailures, spot: { line: number; key: string }): void {
  if (/^["'`]/.test(value)) throw failures.syntax("has a value in quotes, which some parsers drop", spot, useOther);
  if (/(?:^|[ \t])[;#]/.test(value))
    throw failures.syntax("has ; or # after a space, which some parsers read as a comment", spot, useOther);
  if (value.endsWith("\\")) throw failures.syntax("has a backslash at the end of a line", spot, useOther);
  if (/[\r\v\f\u0085\u00a0\u2028\u2029]/.test(value))
    throw failures.syntax("has a control character or unusual white space", spot, useOther);
}

const useOther = "Write the file as JSON or YAML, where a value can be quoted.";
