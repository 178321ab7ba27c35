import type { EncodingName } from "./encodings.ts";
import type { Pattern, TrimmedVariant } from "./pattern.ts";

/** Where a pattern stands in a text. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly pattern: Pattern;
  readonly encoding: EncodingName;
  /** Set where it lacks the first or last characters of the pattern, which may stand beside it. */
  readonly trimmed?: TrimmedVariant | undefined;
}

/** In order of their place; of those that begin together the longest first, and a whole value before a part of one. */
export function ordered(ranges: readonly Range[]): readonly Range[] {
  return [...ranges].sort((a, b) => a.start - b.start || b.end - a.end || partiality(a) - partiality(b));
}

function partiality({ encoding }: Range): number {
  return encoding === "fragment" ? 1 : 0;
}

/** Overlapping ranges of an ordered list are one, named after the first; adjacent ones stay apart. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const previous = joined.at(-1);
    if (previous === undefined || range.start >= previous.end) joined.push(range);
    else if (range.end > previous.end) joined[joined.length - 1] = { ...previous, end: range.end };
  }
  return joined;
}
