import { SecretError } from "@tacit/core/provider";

/**
 * Lets a path through whose segments Vault can hold: no empty one, no `.` or `..`, none that ends in a period, no backslash,
 * percent sign or control character.
 * @throws {SecretError} INVALID_NAME `path` before anything is asked
 */
export function checkPath(path: string): string {
  if (path.isWellFormed() && path.split("/").every(isSegment)) return path;
  throw new SecretError("INVALID_NAME", "a path of a vault provider is not valid in Vault", {
    reason: "path",
    tip: 'Write segments joined by one "/", such as "db/primary": not empty, not ending in a period, and without "..", backslashes and percent signs. Leave out the mount and "data/".',
  });
}

/** Whether a mount is written as it is used: a path without slashes at its ends. */
export function isMount(text: string): boolean {
  return text.split("/").every(isSegment);
}

/** @see https://developer.hashicorp.com/vault/api-docs on periods at the end of a segment */
function isSegment(segment: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return segment !== "" && !segment.endsWith(".") && !/[\\%\x00-\x1f\x7f]/.test(segment);
}
