import { SecretError } from "@tacit/core/provider";

/**
 * Splits a provider path into segments. The path `.` is the root itself and has none.
 * @throws {SecretError} INVALID_NAME `path` for a path that could leave the root, or refer to internal names of the kubelet
 */
export function parsePath(path: string): readonly string[] {
  if (path === ".") return [];
  const fault = faultOf(path);
  if (fault === undefined) return path.split("/");
  throw new SecretError("INVALID_NAME", `a path of a file provider ${fault}`, {
    reason: "path",
    tip: 'Write it relative to the root, such as "db/password"; "." is the root itself.',
  });
}

function faultOf(path: string): string | undefined {
  if (path === "") return "is empty";
  if (path.startsWith("/")) return "must not be absolute";
  const control = path.search(forbidden);
  if (control >= 0) return `must not contain a control character, a backslash or a percent sign (position ${control})`;
  for (const segment of path.split("/")) {
    if (segment === "") return "must not have an empty segment";
    if (segment === ".") return 'must not have the segment "."';
    if (segment.startsWith("..")) return 'must not have a segment that starts with ".."';
  }
  return path.length > longest ? `must not be longer than ${longest} characters` : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression must find them
const forbidden = /[\u0000-\u001f\u007f\\%]/;

/** PATH_MAX of Linux is 4096 bytes, including the root. */
const longest = 3072;
