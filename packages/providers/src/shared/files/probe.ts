import type { Stats } from "node:fs";
import { isDenial } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";

/** The answer of a look at a path, links followed: its stats, nothing there, or that this process may not know. */
export type Probe = Stats | "missing" | "closed";

/** Looks at a path, links followed. */
export function probe(fileSystem: FileSystem, file: string): Probe {
  try {
    return fileSystem.statSync(file, { throwIfNoEntry: false }) ?? "missing";
  } catch (error) {
    return isDenial(error) ? "closed" : "missing";
  }
}

/** Returns whether it is a directory, links followed. */
export function isDirectory(found: Probe): found is Stats {
  return typeof found === "object" && found.isDirectory();
}

/** The names in a directory; `closed` where it may not be listed, none where there is nothing to list. */
export function entriesOf(fileSystem: FileSystem, directory: string): readonly string[] | "closed" {
  try {
    return fileSystem.readdirSync(directory);
  } catch (error) {
    return isDenial(error) ? "closed" : [];
  }
}
