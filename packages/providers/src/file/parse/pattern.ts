/** The fixed texts around the fields of a pattern: one more than there are fields; those between two fields are not empty. */
export interface Pattern {
  readonly fields: readonly string[];
  readonly literals: readonly string[];
}

/** Reads a pattern such as `postgres://{username}:{password}@{host}/{database}`; answers what is wrong with it as a string. */
export function parsePattern(text: string): Pattern | string {
  const parts = text.split(/\{([A-Za-z0-9_.-]+)\}/);
  const fields = parts.filter((_part, index) => index % 2 === 1);
  const literals = parts.filter((_part, index) => index % 2 === 0);
  if (fields.length === 0) return "must name a field in braces, such as {password}";
  if (new Set(fields).size < fields.length) return "must name each field once";
  if (literals.slice(1, -1).includes(""))
    return "must have text between two fields, or the end of a field is ambiguous";
  return { fields, literals };
}

/**
 * Reads a text by a pattern: field -> its text. `undefined` where the text does not fit, `ambiguous` where it fits in several ways.
 * No text between two fields can stand before its leftmost location or behind its rightmost one, so there is one way exactly where both
 * are the same.
 */
export function matchPattern(
  { fields, literals }: Pattern,
  text: string,
): ReadonlyMap<string, string> | "ambiguous" | undefined {
  const first = literals[0] ?? "";
  const last = literals.at(-1) ?? "";
  const inner = literals.slice(1, -1);
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || first.length > end) return undefined;
  const leftmost = placesFromLeft(text, inner, first.length, end);
  if (leftmost === undefined) return undefined;
  const rightmost = placesFromRight(text, inner, end);
  if (leftmost.some((location, index) => location !== rightmost[index])) return "ambiguous";
  const starts = [first.length, ...leftmost.map((location, index) => location + (inner[index] ?? "").length)];
  const ends = [...leftmost, end];
  return new Map(fields.map((field, index) => [field, text.slice(starts[index], ends[index])]));
}

function placesFromLeft(text: string, inner: readonly string[], start: number, end: number): number[] | undefined {
  let from = start;
  const places: number[] = [];
  for (const literal of inner) {
    const location = text.indexOf(literal, from);
    from = location + literal.length;
    if (location < 0 || from > end) return undefined;
    places.push(location);
  }
  return places;
}

/** Asked only where there are places from the left, so there are some from the right. */
function placesFromRight(text: string, inner: readonly string[], end: number): number[] {
  let until = end;
  const places: number[] = [];
  for (const literal of inner.toReversed()) {
    until = text.lastIndexOf(literal, until - literal.length);
    places.unshift(until);
  }
  return places;
}
