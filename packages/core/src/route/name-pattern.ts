/** A compiled pattern of names: `*` matches anything within one segment, `**` any number of whole segments. */
export interface NamePattern {
  readonly text: string;
  /** The length of the text before the first wildcard; the longer it is, the more specific is the pattern. */
  readonly literalPrefix: number;
  matches(name: string): boolean;
}

/** Compiles a pattern that the config schema has validated. */
export function compilePattern(text: string): NamePattern {
  const star = text.indexOf("*");
  const segments = text.split("/");
  return {
    text,
    literalPrefix: star < 0 ? text.length : star,
    matches: star < 0 ? (name) => name === text : (name) => matchItems(segments, name.split("/"), "**", matchSegment),
  };
}

function matchSegment(pattern: string, segment: string): boolean {
  return matchItems([...pattern], [...segment], "*", (wanted, found) => wanted === found);
}

/** Matches greedily and backtracks only to the last wildcard, so the time is at most the product of the two lengths. */
function matchItems(
  pattern: readonly string[],
  items: readonly string[],
  wildcard: string,
  equal: (wanted: string, found: string) => boolean,
): boolean {
  let at = 0;
  let lastWildcard = -1;
  let retry = 0;
  for (let index = 0; index < items.length; ) {
    const wanted = pattern[at];
    if (wanted === wildcard) {
      lastWildcard = at++;
      retry = index;
    } else if (wanted !== undefined && equal(wanted, items[index] as string)) {
      at += 1;
      index += 1;
    } else if (lastWildcard >= 0) {
      at = lastWildcard + 1;
      index = ++retry;
    } else return false;
  }
  while (pattern[at] === wildcard) at += 1;
  return at === pattern.length;
}
