import { quoted } from "./quoted.ts";

/** Returns the end of a "not found" message: a list of at most three names that differ only in case, or an empty text. */
export function differsInCase(names: readonly string[]): string {
  if (names.length === 0) return "";
  const listed = names.slice(0, 3).map(quoted);
  return `; ${listed.join(", ")} ${names.length === 1 ? "differs" : "differ"} only in case`;
}
