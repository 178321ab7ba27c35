import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import { type CommentTest, leafOf, type SopsMap } from "../tree.ts";

/**
 * Reads `KEY=value` lines as SOPS does: nothing is trimmed or unquoted, and `\n` stands for a line feed. Comments stand at the next line that is none.
 * @throws {SecretError} INVALID_VALUE
 */
export function dotenvTree(text: string, failures: ParseFailures, isAsked: CommentTest = () => false): SopsMap {
  const items: SopsMap["items"][number][] = [];
  const seen = new Set<string>();
  let isCommented = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("#")) isCommented ||= isAsked(line.slice(1));
    if (line === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    if (at < 0) throw failures.syntax("has a line that is not KEY=value", { line: index + 1 });
    const key = line.slice(0, at);
    if (seen.has(key)) throw failures.duplicateKey({ line: index + 1, key });
    seen.add(key);
    items.push({ key, value: { ...leafOf("str", line.slice(at + 1).replaceAll("\\n", "\n")), isCommented } });
    isCommented = false;
  }
  return { kind: "map", items };
}
