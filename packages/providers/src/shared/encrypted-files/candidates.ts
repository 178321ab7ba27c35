/**
 * Returns the files to which a path may refer, in the order of the search: the path itself, then the path with each extension. A
 * path that already has one of the extensions refers only to itself.
 */
export function candidatesOf(path: string, extensions: readonly string[]): readonly string[] {
  if (path === "." || extensions.some((extension) => path.endsWith(extension))) return [path];
  return [path, ...extensions.map((extension) => path + extension)];
}
