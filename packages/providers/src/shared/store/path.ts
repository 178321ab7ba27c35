import { SecretError } from "@tacit/core/provider";

/**
 * Returns a path that all servers read in the same way: segments joined by one `/`, none of them empty, `.` or `..`, without
 * backslashes, percent signs and control characters.
 * @param tip how to write a path of this store
 * @throws {SecretError} INVALID_NAME `path` for any other path
 */
export function checkSegments(path: string, tip: string): string {
  if (path.isWellFormed() && path.split("/").every(isSegment)) return path;
  throw invalidPath(tip);
}

/** Returns the error of an invalid path. @param tip how to write a path of this store */
export function invalidPath(tip: string): SecretError {
  return new SecretError("INVALID_NAME", "a path is not valid in the store", { reason: "path", tip });
}

/** Returns whether a check accepts a text, that is, does not throw. */
export function passes(check: (text: string) => unknown, text: string): boolean {
  try {
    check(text);
    return true;
  } catch {
    return false;
  }
}

/** Joins a prefix, without the slashes at its end, and a name by one `/`; returns the name if there is no prefix. */
export function withPrefix(name: string, prefix: string | undefined): string {
  return prefix === undefined ? name : `${prefix.replace(/\/+$/, "")}/${name}`;
}

/** Returns whether a text is a valid segment of a path. */
export function isSegment(segment: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must find them
  return !/^\.{0,2}$|[\\%\x00-\x1f\x7f]/.test(segment);
}
