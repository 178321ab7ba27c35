import type { Stats } from "node:fs";
import { errnoOf, isAbsence, outsideRootError } from "../errors.ts";
import { type FileSystem, lookAt } from "../file-system.ts";

/**
 * The tree to which `..data` of an atomic volume points. If `isIntact` returns true after the reads, everything read since
 * `openSnapshot` comes from one write of the kubelet, the newest.
 */
export interface VolumeSnapshot {
  /** The directory of the volume. */
  readonly directory: string;
  /** The absolute path of the published tree. */
  readonly tree: string;
  /** Identifies the publication within the process; not part of any message. */
  readonly revision: string;
  readonly publishedAt: Date;
  /** Returns whether the tree, or a directory in it, was changed after its publication: it is being deleted, or was created manually. */
  isTouched(directory?: Stats): boolean;
  /** Returns whether timestamps cannot show a change after the publication, because it would have the same tick (up to 10 ms). */
  isTooFreshToTell(): boolean;
  /** Returns whether `..data` still points to this tree, and the tree is unchanged. */
  isIntact(): boolean;
}

/**
 * Opens a snapshot of the volume in a directory. Returns `incomplete` if `..data` is missing or dangling, and `no-volume` if it is a
 * directory, as in a copy with resolved links.
 * @throws {SecretError} INVALID_VALUE `outside-root` if `..data` leads out of the volume
 */
export function openSnapshot(
  fileSystem: FileSystem,
  directory: string,
  path: string,
): VolumeSnapshot | "incomplete" | "no-volume" {
  const dataLink = `${directory}/..data`;
  const target = readTarget(fileSystem, dataLink);
  if (target === undefined) return lookAt(fileSystem, dataLink)?.isDirectory() === true ? "no-volume" : "incomplete";
  if (/^\.{0,2}$|\//.test(target)) throw outsideRootError(path);
  const tree = `${directory}/${target}`;
  const stats = lookAt(fileSystem, tree);
  if (stats === undefined) return "incomplete";
  if (!stats.isDirectory()) throw outsideRootError(path);
  const revision = identify(target, stats);
  let linkedMs: number | undefined;
  const publishedMs = (): number => {
    linkedMs ??= lookAt(fileSystem, dataLink)?.mtimeMs ?? 0;
    return linkedMs;
  };
  return {
    directory,
    tree,
    revision,
    publishedAt: stats.mtime,
    isTouched: (changed = stats) => changed.mtimeMs > publishedMs(),
    isTooFreshToTell: () => stats.mtimeMs === publishedMs(),
    isIntact() {
      if (readTarget(fileSystem, dataLink) !== target) return false;
      const now = lookAt(fileSystem, tree);
      return now !== undefined && identify(target, now) === revision;
    },
  };
}

function identify(target: string, { dev, ino, mtimeMs }: Stats): string {
  return `${target} ${dev} ${ino} ${mtimeMs}`;
}

/** Returns the target of a link; undefined if it is missing or no longer a link. */
function readTarget(fileSystem: FileSystem, link: string): string | undefined {
  try {
    return fileSystem.readlinkSync(link);
  } catch (error) {
    if (isAbsence(error) || errnoOf(error) === "EINVAL") return undefined;
    throw error;
  }
}
