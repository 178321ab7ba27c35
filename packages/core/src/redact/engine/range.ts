import type { EncodingName } from "./encodings.ts";
import type { Pattern, TrimmedVariant } from "./pattern.ts";

/** An occurrence of a pattern in a text. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly pattern: Pattern;
  readonly encoding: EncodingName;
  /** Set if it lacks the first or last characters of the pattern, which may be next to it. */
  readonly trimmed?: TrimmedVariant | undefined;
}

/** Returns ranges in order of their start; with equal starts, the longest first, and a whole value before a fragment. */
export function ordered(ranges: readonly Range[]): readonly Range[] {
  return [...ranges].sort((a, b) => a.start - b.start || b.end - a.end || partiality(a) - partiality(b));
}

function partiality({ encoding }: Range): number {
  return encoding === "fragment" ? 1 : 0;
}

/** Merges overlapping ranges of an ordered list, named after the first; adjacent ones stay separate. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const previous = joined.at(-1);
    if (previous === undefined || range.start >= previous.end) joined.push(range);
    else if (range.end > previous.end) joined[joined.length - 1] = { ...previous, end: range.end };
  }
  return joined;
}
