import type { Stats } from "node:fs";
import { type FileSystem, lookAt } from "./file-system.ts";

/** Returns what lies at a path, links not followed, as of this moment or as of now. */
export type Look = (file: string) => Stats | undefined;

/**
 * Makes looks that the reads of one moment share: a thousand keys of a volume lie in one directory, and none of them has
 * begun to be read when the directory is looked at. Each read is checked afterwards against what the volume then publishes.
 */
export function createSharedLook(fileSystem: FileSystem): Look {
  /** path -> what the first look of this microtask saw */
  const seen = new Map<string, Stats | undefined>();
  return (file) => {
    if (seen.has(file)) return seen.get(file);
    const stats = lookAt(fileSystem, file);
    if (seen.size === 0) queueMicrotask(() => seen.clear());
    seen.set(file, stats);
    return stats;
  };
}
