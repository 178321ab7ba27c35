const maxNameLength = 64;

/**
 * Returns the text that is printed instead of a value. It contains at most 64 characters of the name, but no part, length or hash of
 * the value, and no quote, backslash, percent sign or control character, so that it is safe in JSON and HTML.
 */
export function markerOf(name: string): string {
  return `[REDACTED:${name.slice(0, maxNameLength).replace(/[^A-Za-z0-9._/@#~-]/g, "_")}]`;
}
