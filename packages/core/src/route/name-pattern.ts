/** A compiled pattern over names: `*` stands for anything within one segment, `**` for any number of whole segments. */
export interface NamePattern {
  readonly text: string;
  /** Length of what stands before the first special character: the longer, the more specific. */
  readonly literalPrefix: number;
  matches(name: string): boolean;
}

/** Compiles a pattern that the config schema has found well-formed. */
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

/** Greedy, with one point of return: the last wildcard. So the time is at most pattern times text. */
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
