import { SecretError } from "@tacit/core/provider";

/**
 * Returns a path that is valid in Vault: its segments are not empty and do not end with a period, and it has no backslash,
 * percent sign or control character.
 * @throws {SecretError} INVALID_NAME `path` for any other path
 */
export function checkPath(path: string): string {
  if (path.isWellFormed() && path.split("/").every(isSegment)) return path;
  throw new SecretError("INVALID_NAME", "a path of a vault provider is not valid in Vault", {
    reason: "path",
    tip: 'Write segments joined by one "/", such as "db/primary": not empty, not ending in a period, and without "..", backslashes and percent signs. Leave out the mount and "data/".',
  });
}

/** Returns whether a text is the path of a mount, without slashes at its ends. */
export function isMount(text: string): boolean {
  return text.split("/").every(isSegment);
}

/** Returns whether a segment is valid. @see https://developer.hashicorp.com/vault/api-docs on periods at the end of a segment */
function isSegment(segment: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must find them
  return segment !== "" && !segment.endsWith(".") && !/[\\%\x00-\x1f\x7f]/.test(segment);
}
