import { SecretError } from "@tacit/core/provider";

/**
 * Lets a path through that leads to one place: segments joined by one `/`, none empty, `.` or `..`, without backslash, percent sign
 * and control character.
 * @param tip how a path of this store is written
 * @throws {SecretError} INVALID_NAME `path` before anything is asked
 */
export function checkSegments(path: string, tip: string): string {
  if (path.isWellFormed() && path.split("/").every(isSegment)) return path;
  throw invalidPath(tip);
}

/** Makes the error of a path that the store cannot hold. @param tip how it is written */
export function invalidPath(tip: string): SecretError {
  return new SecretError("INVALID_NAME", "a path is not valid in the store", { reason: "path", tip });
}

/** Whether a check lets a text through. */
export function passes(check: (text: string) => unknown, text: string): boolean {
  try {
    check(text);
    return true;
  } catch {
    return false;
  }
}

/** The prefix and a name, joined by exactly one `/`. */
export function withPrefix(name: string, prefix: string | undefined): string {
  return prefix === undefined ? name : `${prefix.replace(/\/+$/, "")}/${name}`;
}

/** Whether a text can be part of a path. */
export function isSegment(segment: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/^\.{0,2}$|[\\%\x00-\x1f\x7f]/.test(segment);
}
