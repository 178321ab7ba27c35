import type { FileSystem } from "./file-system.ts";

/** The names in a directory; none where it cannot be listed. */
export function entriesOf(fileSystem: FileSystem, directory: string): readonly string[] {
  try {
    return fileSystem.readdirSync(directory);
  } catch {
    return [];
  }
}

/** Whether something is there, links followed. */
export function exists(fileSystem: FileSystem, file: string): boolean {
  return statsOf(fileSystem, file) !== undefined;
}

/** Whether it is a directory, links followed. */
export function isDirectory(fileSystem: FileSystem, file: string): boolean {
  return statsOf(fileSystem, file)?.isDirectory() ?? false;
}

/** What is there, links followed; undefined where nothing is, or nobody may tell. */
export function statsOf(fileSystem: FileSystem, file: string): ReturnType<FileSystem["statSync"]> | undefined {
  try {
    return fileSystem.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
