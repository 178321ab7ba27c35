import { quoted } from "./quoted.ts";

/** Returns the end of a sentence about something that is not there: which names differ from it only in case. */
export function differsInCase(names: readonly string[]): string {
  if (names.length === 0) return "";
  const listed = names.slice(0, 3).map(quoted);
  return `; ${listed.join(", ")} ${names.length === 1 ? "differs" : "differ"} only in case`;
}
