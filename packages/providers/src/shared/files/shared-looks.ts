import type { Stats } from "node:fs";
import { type FileSystem, lookAt } from "./file-system.ts";

/** Returns the stats of a path without following links; undefined if it does not exist. */
export type Look = (file: string) => Stats | undefined;

/**
 * Creates a function that caches stats until the end of the microtask, so that simultaneous reads of many keys call lstat once for
 * their directory. The cache is safe because each read is verified afterwards against the publication of the volume.
 */
export function createSharedLook(fileSystem: FileSystem): Look {
  /** path -> its stats in this microtask */
  const seen = new Map<string, Stats | undefined>();
  return (file) => {
    if (seen.has(file)) return seen.get(file);
    const stats = lookAt(fileSystem, file);
    if (seen.size === 0) queueMicrotask(() => seen.clear());
    seen.set(file, stats);
    return stats;
  };
}
