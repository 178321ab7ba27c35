/**
 * Returns the problem of a pattern of names; undefined if it is valid. A pattern is a name in which `*` matches within one
 * segment, and the segment `**` any number of segments.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern === "") return "is empty";
  if (pattern.length > 253) return "is longer than any name (253 characters)";
  if (pattern.startsWith("/") || pattern.endsWith("/")) return "must not begin or end with a slash";
  for (const segment of pattern.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment !== "**" && segment.includes("**")) return "`**` must be a whole segment";
    if (!/^[A-Za-z0-9*][A-Za-z0-9._*-]*$/.test(segment)) return "has a character that is not allowed there";
  }
  return undefined;
}
