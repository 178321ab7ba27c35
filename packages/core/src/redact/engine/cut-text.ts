import { isMaskableText } from "../mask-policy.ts";
import { canonicalBytes } from "./canonical-view.ts";
import type { PatternIndex } from "./pattern-index.ts";
import type { PrefixTable } from "./prefix-table.ts";
import type { Range } from "./range.ts";
import { beginningOf } from "./sketch.ts";

/** Where a printer says that it left out the rest. */
const mark = /(?<!\.)\.{3}|…|\xe2\x80\xa6/g;
const markInBytes = "\xe2\x80\xa6";
/** What may stand between the end of a text and that mark. */
const closing = "\\\"'`";
/** Printers show less of a text; `inspect` in a message of Node shows 25 characters. */
const longest = 512;
/** As many marks may be a part of what is shown. */
const mostMarks = 3;
/** A shorter beginning stands in other texts by chance. */
const minShown = 8;
/** JSON.parse quotes some ten characters around the place of the error. */
const quoted = /\.{0,3}(?<!\\)\\*"((?:(?!\\*"\.{0,3} is not).){4,80})\\*"\.{0,3} is not valid JSON/gs;

/** Whether a text, or a view, may show the beginning of a value whose rest was left out. */
export function mayBeCut(text: string): boolean {
  return text.includes("...") || text.includes("…") || text.includes(markInBytes);
}

/** The beginnings of values before a mark of omission, and what JSON.parse quotes from the middle of one. */
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
