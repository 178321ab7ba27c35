import { collectFields } from "./fields.ts";
import { lineAt, type ParseFailures } from "./parse-errors.ts";
import { withoutBlanksAround } from "./text.ts";

/**
 * Parses a `.env` file, but only the syntax that Node, dotenv and Docker Compose read in the same way. A quoted value may have several
 * lines; `\n` in double quotes is a line feed. Nothing is substituted: `$`, which Compose substitutes, is accepted only in single quotes.
 * @throws {SecretError} INVALID_VALUE
 */
export function envFields(text: string, failures: ParseFailures): ReadonlyMap<string, string> {
  const source = text.replaceAll("\r\n", "\n");
  const otherEnd = source.search(/[\r\u2028\u2029]/);
  if (otherEnd >= 0)
    throw failures.syntax("has a carriage return or another character that some parsers read as a line end", {
      line: lineAt(source, otherEnd),
    });
  const collected = collectFields(failures);
  let at = 0;
  const step = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < source.length) {
    // After an empty value, Node reads an indented comment with an equals sign as an assignment.
    if (step(/[ \t]*(?:\n|$)|#[^\n]*(?:\n|$)|[ \t]+#[^\n=]*(?:\n|$)/y) !== null) continue;
    const line = lineAt(source, at);
    const [, key] = step(/[ \t]*(?:export +)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y) ?? [];
    if (key === undefined) throw failures.syntax("has a line that is not KEY=value", { line });
    const spot = { line, key };
    const quote = source[at];
    if (quote === "`")
      throw failures.syntax("has a value in backticks, which some parsers keep as part of it", spot, quoteIt);
    if (quote !== "'" && quote !== '"') {
      const [bare = ""] = step(/[^\n]*/y) ?? [];
      if (bare.includes("$")) throw failures.syntax(substituted, spot, quoteIt);
      if (bare.includes("#"))
        throw failures.syntax("has a # in an unquoted value, which some parsers read as a comment", spot, quoteIt);
      if (/^[^\S\t ]|[^\S\t ]$/.test(withoutBlanksAround(bare)))
        throw failures.syntax(
          "has unusual white space at the start or end of a value, which some parsers drop",
          spot,
          quoteIt,
        );
      // Node takes the next line as the value if only white space follows the equals sign.
      if (bare === "" && /[ \t]/.test(source[at - 1] ?? "") && at < source.length)
        throw failures.syntax("has only white space as a value", spot, quoteIt);
      collected.add(key, bare.trim(), line);
      continue;
    }
    const end = source.indexOf(quote, at + 1);
    if (end < 0) throw failures.syntax("has a quote that is not closed", spot);
    const inner = source.slice(at + 1, end);
    at = end + 1;
    if (step(/[ \t]*(?:#[^\n]*)?(?:\n|$)/y) === null)
      throw failures.syntax("continues after a closing quote", spot, quoteIt);
    collected.add(key, quote === '"' ? unescaped(inner, failures, spot) : literal(inner, failures, spot), line);
  }
  return collected.fields;
}

const substituted = "has a $ outside single quotes, which some parsers substitute";
const quoteIt = "Put the value in single quotes; if it contains a single quote, write the file as JSON.";

/** Returns the text of a value in double quotes. Parsers agree only on the escape `\n`. */
function unescaped(inner: string, failures: ParseFailures, spot: { line: number; key: string }): string {
  if (inner.includes("$")) throw failures.syntax(substituted, spot, quoteIt);
  if (/\\(?!n)/.test(inner))
    throw failures.syntax("has a backslash in double quotes that is not part of \\n", spot, "Use single quotes.");
  return inner.replaceAll("\\n", "\n");
}

/** Returns the text of a value in single quotes. Some parsers read a quote after a backslash as part of the value. */
function literal(inner: string, failures: ParseFailures, spot: { line: number; key: string }): string {
  if (inner.endsWith("\\")) throw failures.syntax("has a backslash right before a closing quote", spot, quoteIt);
  return inner;
}
