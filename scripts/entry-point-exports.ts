import { readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";

/**
 * The names that an entry point exports as values, sorted. An entry point names each of its exports, so its source alone tells.
 * @throws when an entry point says `export *`, which would hide what it exports
 */
export function exportsOf(file: string): readonly string[] {
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const names = module.staticExports
    .flatMap(({ entries }) => entries)
    .filter(({ isType }) => !isType)
    .map(({ exportName }) => (exportName.kind === "Default" ? "default" : exportName.name));
  if (names.includes(null)) throw new Error(`${file}: an entry point exports by name, never by "export *"`);
  return names.filter((name) => name !== null).toSorted();
}
