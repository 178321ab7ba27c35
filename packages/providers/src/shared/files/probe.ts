import type { Stats } from "node:fs";
import { isDenial } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";

/** The result of `probe`: the stats of a path, or that it is missing or access is denied. */
export type Probe = Stats | "missing" | "closed";

/** Returns the stats of a path, following links. Any error other than a denial counts as missing. */
export function probe(fileSystem: FileSystem, file: string): Probe {
  try {
    return fileSystem.statSync(file, { throwIfNoEntry: false }) ?? "missing";
  } catch (error) {
    return isDenial(error) ? "closed" : "missing";
  }
}

/** Returns whether the result of `probe` is a directory. */
export function isDirectory(found: Probe): found is Stats {
  return typeof found === "object" && found.isDirectory();
}

/** Returns the names in a directory; `closed` if listing it is denied, none for any other error. */
export function entriesOf(fileSystem: FileSystem, directory: string): readonly string[] | "closed" {
  try {
    return fileSystem.readdirSync(directory);
  } catch (error) {
    return isDenial(error) ? "closed" : [];
  }
}
