import { isMaskableText } from "../mask-policy.ts";
import { canonicalBytes } from "./canonical-view.ts";
import type { PatternIndex } from "./pattern-index.ts";
import type { PrefixTable } from "./prefix-table.ts";
import type { Range } from "./range.ts";
import { beginningOf } from "./sketch.ts";

/** The marks of omission that printers write. */
const mark = /(?<!\.)\.{3}|…|\xe2\x80\xa6/g;
const markInBytes = "\xe2\x80\xa6";
/** The characters that may occur between the end of a text and the mark. */
const closing = "\\\"'`";
/** The maximum length of a shown beginning; `inspect` in a message of Node shows 25 characters. */
const longest = 512;
/** The maximum number of marks within a shown beginning. */
const mostMarks = 3;
/** The minimum length of a shown beginning; shorter ones occur in other texts by chance. */
const minShown = 8;
/** The quotation of JSON.parse: some ten characters around an error. */
const quoted = /\.{0,3}(?<!\\)\\*"((?:(?!\\*"\.{0,3} is not).){4,80})\\*"\.{0,3} is not valid JSON/gs;

/** Whether a text or view may show the beginning of a value whose rest was omitted. */
export function mayBeCut(text: string): boolean {
  return text.includes("...") || text.includes("…") || text.includes(markInBytes);
}

/** Returns the beginnings of values before a mark of omission, and the parts of values that JSON.parse quotes. */
export function* cutValuesIn(text: string, prefixes: PrefixTable, index: PatternIndex): Generator<Range> {
  const before: number[] = [];
  for (const { index: at } of text.matchAll(mark)) {
    const from = Math.max(0, at - longest, before.at(-mostMarks) ?? 0);
    before.push(at);
    const shown = text.slice(from, at);
    let end = shown.length;
    while (end > 0 && closing.includes(shown.charAt(end - 1))) end--;
    const match = prefixes.partialMatch(shown.slice(0, end), minShown);
    if (match === undefined || match.pattern.isDocument) continue;
    const common = beginningOf(match.pattern);
    if (end - match.start < minShown + common) continue;
    if (!isMaskableText(shown.slice(match.start + common, end).trim(), "auto")) continue;
    yield { start: from + match.start, end: from + end, pattern: match.pattern, encoding: "cut" };
  }
  if (!text.includes("is not valid JSON")) return;
  for (const { index: at, 0: message, 1: shown = "" } of text.matchAll(quoted)) {
    const pattern = index.patternWith(canonicalBytes(shown));
    const start = at + message.indexOf(shown);
    if (pattern !== undefined) yield { start, end: start + shown.length, pattern, encoding: "cut" };
  }
}
