import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import { leafOf, type SopsMap } from "../tree.ts";

/** Reads `KEY=value` lines as SOPS does: nothing is trimmed or unquoted, and `\n` stands for a line feed. @throws {SecretError} INVALID_VALUE */
export function dotenvTree(text: string, failures: ParseFailures): SopsMap {
  const items: SopsMap["items"][number][] = [];
  const seen = new Set<string>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    if (at < 0) throw failures.syntax("has a line that is no KEY=value", { line: index + 1 });
    const key = line.slice(0, at);
    if (seen.has(key)) throw failures.duplicateKey({ line: index + 1, key });
    seen.add(key);
    items.push({ key, value: leafOf("str", line.slice(at + 1).replaceAll("\\n", "\n")) });
  }
  return { kind: "map", items };
}
