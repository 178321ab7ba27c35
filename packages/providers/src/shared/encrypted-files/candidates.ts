/**
 * Returns the files that a path may mean, in the order in which they are looked for: the path itself, and the path with each
 * extension. A path that has one of them means itself alone.
 */
export function candidatesOf(path: string, extensions: readonly string[]): readonly string[] {
  if (path === "." || extensions.some((extension) => path.endsWith(extension))) return [path];
  return [path, ...extensions.map((extension) => path + extension)];
}
