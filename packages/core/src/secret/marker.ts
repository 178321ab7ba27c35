const maxNameLength = 64;

/**
 * What is printed in place of a value. It holds the name alone (never a prefix, length or hash of the value), at most 64
 * characters of it, and no quote, backslash, percent sign or control character, so it is harmless inside JSON and HTML.
 */
export function markerOf(name: string): string {
  return `[REDACTED:${name.slice(0, maxNameLength).replace(/[^A-Za-z0-9._/@#~-]/g, "_")}]`;
}
