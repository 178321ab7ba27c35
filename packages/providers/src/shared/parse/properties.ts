import { collectFields } from "./fields.ts";
import type { ParseFailures } from "./parse-errors.ts";

/**
 * Parses a `.properties` file like `java.util.Properties`, but refuses duplicate keys.
 * @throws {SecretError} INVALID_VALUE
 * @see https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
 */
export function propertiesFields(text: string, failures: ParseFailures): ReadonlyMap<string, string> {
  const collected = collectFields(failures);
  for (const { content, line } of logicalLines(text)) {
    const end = separatorIn(content);
    const rest = content.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, "");
    const unescaped = (escaped: string): string => {
      if (/\\u(?![0-9A-Fa-f]{4})/.test(escaped.replaceAll("\\\\", "")))
        throw failures.syntax("has a \\u without four hexadecimal digits", { line });
      return escaped.replace(/\\(?:u([0-9A-Fa-f]{4})|(.?))/gs, (_match, hex: string | undefined, letter = "") =>
        hex === undefined ? (letters[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
      );
    };
    collected.add(unescaped(content.slice(0, end)), unescaped(rest), line);
  }
  return collected.fields;
}

const letters: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** Yields logical lines without comments and blank lines. A line that ends with an odd number of backslashes continues on the next. */
function* logicalLines(text: string): Generator<{ readonly content: string; readonly line: number }> {
  let open: { content: string; line: number } | undefined;
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const content = natural.replace(/^[ \t\f]+/, "");
    if (open === undefined && (content === "" || /^[#!]/.test(content))) continue;
    const isOpen = (/\\*$/.exec(content)?.[0].length ?? 0) % 2 === 1;
    const own = isOpen ? content.slice(0, -1) : content;
    open = { content: (open?.content ?? "") + own, line: open?.line ?? index + 1 };
    if (isOpen) continue;
    yield open;
    open = undefined;
  }
  if (open !== undefined) yield open;
}

/** Returns the end of the key: the position of the first unescaped `=`, `:` or white space. */
function separatorIn(content: string): number {
  for (let at = 0; at < content.length; at++) {
    if (content[at] === "\\") at++;
    else if ("=: \t\f".includes(content[at] ?? "")) return at;
  }
  return content.length;
}
