import type { EncodingName } from "./encodings.ts";
import type { Needle } from "./needle.ts";

/** Where a needle stands in a text. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly needle: Needle;
  readonly encoding: EncodingName;
}

/** In order of their place; of those that begin together the longest first. */
export function ordered(ranges: readonly Range[]): readonly Range[] {
  return [...ranges].sort((a, b) => a.start - b.start || b.end - a.end);
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
