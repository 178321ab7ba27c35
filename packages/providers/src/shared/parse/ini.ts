import { collectFields } from "./fields.ts";
import type { ParseFailures } from "./parse-errors.ts";
import { withoutBlanksAround } from "./text.ts";

/**
 * Parses an INI file, but only the syntax that Python's configparser, Go's ini, git and PHP read in the same way. A key before the first
 * section is a field; a section is a field with the JSON object of its keys, so that `#/section/key` selects one. Nothing is substituted.
 * @throws {SecretError} INVALID_VALUE
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

/** Refuses values that parsers read differently: quotes, comments after a value, a backslash at the end of a line. */
function assertPlain(value: string, failures: ParseFailures, spot: { line: number; key: string }): void {
  if (/^["'`]/.test(value)) throw failures.syntax("has a value in quotes, which some parsers drop", spot, useOther);
  if (/(?:^|[ \t])[;#]/.test(value))
    throw failures.syntax("has ; or # after a space, which some parsers read as a comment", spot, useOther);
  if (value.endsWith("\\")) throw failures.syntax("has a backslash at the end of a line", spot, useOther);
  if (/[\r\v\f\u0085\u00a0\u2028\u2029]/.test(value))
    throw failures.syntax("has a control character or unusual white space", spot, useOther);
}

const useOther = "Write the file as JSON or YAML, where a value can be quoted.";
