import type { ParseFailures, Spot } from "../../shared/parse/parse-errors.ts";
import { type CommentTest, leafOf, type SopsMap } from "../tree.ts";

type Item = SopsMap["items"][number];

/**
 * Reads what SOPS writes as INI: sections of `key = value`, values bare or in backticks or quotes. Keys before the first section belong to `DEFAULT`.
 * What its parser would read in another way than it looks, such as a comment behind a bare value, is refused. A comment above a key stands
 * at the next key behind it, and one above a section at its first key: so SOPS has it.
 */
export function iniTree(text: string, failures: ParseFailures, isAsked: CommentTest = () => false): SopsMap {
  const sections = new Map<string, Item[]>([["DEFAULT", []]]);
  let items = sections.get("DEFAULT") ?? [];
  const topKeys = new Set<string>();
  /** The keys of the section. */
  let seen = topKeys;
  const lines = text.split(/\r?\n/);
  let comments: string[] = [];
  /** Whether one stood above the key, or the section, before. */
  let isCommented = false;
  const takeComments = (): boolean => {
    const found = comments.some(isAsked) || (comments.length > 1 && isAsked(comments.join("\n")));
    comments = [];
    return found;
  };
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? "").trim();
    const spot = { line: index + 1 };
    if (/^[;#]/.test(line)) comments.push(line.replace(/^[;# ]+/, ""));
    if (line === "" || /^[;#]/.test(line)) continue;
    const [, section] = /^\[(.+)\]$/.exec(line) ?? [];
    if (section !== undefined) {
      if (sections.has(section) && section !== "DEFAULT") throw failures.duplicateKey({ ...spot, key: section });
      items = sections.get(section) ?? [];
      sections.set(section, items);
      seen = section === "DEFAULT" ? topKeys : new Set();
      isCommented = takeComments();
      continue;
    }
    const { key, rest } = dividedLine(line) ?? {};
    if (key === undefined || rest === undefined || key === "-")
      throw failures.syntax("has a line that is neither [section] nor key = value", spot);
    if (seen.has(key)) throw failures.duplicateKey({ ...spot, key });
    seen.add(key);
    const opening = /^(?:"""|`)/.exec(rest)?.[0];
    const quoted = [rest];
    while (opening !== undefined && !isClosed(quoted, opening)) {
      if (++index >= lines.length) throw failures.syntax("has a quote that is not closed", spot);
      quoted.push(lines[index] ?? "");
    }
    const value = quoted.join("\n");
    const content =
      opening === undefined ? bare(value, failures, { ...spot, key }) : value.slice(opening.length, -opening.length);
    items.push({ key, value: { ...leafOf("str", content), isCommented } });
    isCommented = takeComments();
  }
  return {
    kind: "map",
    items: [...sections].map(([key, own]) => ({ key, value: { kind: "map", items: own } })),
  };
}

/** A regular expression would look at each run of blanks again and again. */
function dividedLine(line: string): { readonly key: string; readonly rest: string } | undefined {
  const quoteEnd = line.startsWith("`") ? line.indexOf("`", 1) : 0;
  const from = quoteEnd > 0 ? quoteEnd + 1 : 0;
  const at = line.slice(from).search(/[=:"`]/) + from;
  const between = line.slice(from, at).trim();
  if (at < from || !/[=:]/.test(line[at] ?? "")) return undefined;
  const key = quoteEnd > 0 && between === "" ? line.slice(1, quoteEnd) : quoteEnd === 0 ? between : "";
  return key === "" ? undefined : { key, rest: line.slice(at + 1).trimStart() };
}

/** Whether the last of these lines ends with the quote that the first begins with. */
function isClosed(lines: readonly string[], quote: string): boolean {
  const last = lines.at(-1) ?? "";
  return last.endsWith(quote) && (lines.length > 1 || last.length >= 2 * quote.length);
}

function bare(value: string, failures: ParseFailures, spot: Spot): string {
  const [, quoted] = /^"([^"]*)"$/.exec(value) ?? /^'([^']*)'$/.exec(value) ?? [];
  if (quoted !== undefined) return quoted;
  if (/[#;]/.test(value)) throw failures.syntax("has # or ; in an unquoted value, where a comment begins", spot);
  if (value.endsWith("\\")) throw failures.syntax("has a backslash at the end of a line", spot);
  if (/^["']/.test(value)) throw failures.syntax("has a quote that is not closed", spot);
  return value;
}
