import { type JsonToken, jsonTokens } from "./json-token.ts";
import type { Pattern } from "./pattern.ts";
import { merged, type Range } from "./range.ts";

/** A part of a text that a marker replaces. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly pattern: Pattern;
  /** Whether the marker needs quotes of its own: it replaces a number or a word outside of any string. */
  readonly isBare: boolean;
}

/**
 * Converts occurrences of values in JSON into cuts that keep it valid: they never split an escape or a number, and never
 * contain the quotes of a string. A value that extends over several strings is cut in each of them, unless it is JSON itself,
 * whose strings are searched separately and whose names and structure are not secret.
 */
export function jsonCuts(line: string, ranges: readonly Range[]): readonly Cut[] {
  const cuts: Cut[] = [];
  const last = ranges.reduce((end, range) => Math.max(end, range.end), 0);
  const lists = [
    ranges.filter(({ pattern }) => !pattern.isDocument),
    ranges.filter(({ pattern }) => pattern.isDocument),
  ];
  const cursors = lists.map((list) => new Cursor(merged(list)));
  for (const token of jsonTokens(line)) {
    if (token.start >= last) break;
    const found = cursors
      .flatMap((cursor) => cursor.overlapping(token))
      .filter((range) => !isSpreadDocument(range, token));
    for (const range of found.sort((a, b) => a.start - b.start)) push(cuts, cutOf(line, token, range));
  }
  return cuts;
}

/** Iterates over ranges that do not overlap, in parallel with the tokens. */
class Cursor {
  readonly #ranges: readonly Range[];
  #next = 0;

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  overlapping({ start, end }: JsonToken): Range[] {
    while ((this.#ranges[this.#next]?.end ?? Number.POSITIVE_INFINITY) <= start) this.#next++;
    const found: Range[] = [];
    for (let at = this.#next; (this.#ranges[at]?.start ?? Number.POSITIVE_INFINITY) < end; at++) {
      found.push(this.#ranges[at] as Range);
    }
    return found;
  }
}

function isSpreadDocument({ pattern, start, end }: Range, token: JsonToken): boolean {
  return pattern.isDocument && (start < token.start || end > token.end);
}

function cutOf(line: string, token: JsonToken, { start, end, pattern, encoding }: Range): Cut {
  // Single characters begin and end within strings, so one string can replace all of them.
  if (encoding === "characters") return { start, end, pattern, isBare: false };
  // A list of bytes begins and ends with numbers, so one string can replace all of them.
  if (!token.isString && encoding === "bytes") return { start, end, pattern, isBare: true };
  if (!token.isString) return { start: token.start, end: token.end, pattern, isBare: true };
  const from = Math.max(start, token.start);
  const to = Math.min(end, token.end);
  return {
    start: escapeAround(line, from, token.start)?.start ?? from,
    end: escapeAround(line, to, token.start)?.end ?? to,
    pattern,
    isBare: false,
  };
}

function push(cuts: Cut[], cut: Cut): void {
  const previous = cuts.at(-1);
  if (cut.start === cut.end) return;
  if (previous === undefined || cut.start >= previous.end) cuts.push(cut);
  else if (cut.end > previous.end) cuts[cuts.length - 1] = { ...previous, end: cut.end };
}

/** Returns the escape sequence that contains a position, neither at its start nor at its end. */
function escapeAround(
  line: string,
  at: number,
  from: number,
): { readonly start: number; readonly end: number } | undefined {
  const longest = 6;
  for (let start = at - 1; start >= from && start > at - longest; start--) {
    if (line[start] !== "\\" || backslashesBefore(line, start, from) % 2 === 1) continue;
    const end = start + (line[start + 1] === "u" ? longest : 2);
    return end > at ? { start, end } : undefined;
  }
  return undefined;
}

function backslashesBefore(line: string, at: number, from: number): number {
  let count = 0;
  while (at - count > from && line[at - count - 1] === "\\") count++;
  return count;
}
