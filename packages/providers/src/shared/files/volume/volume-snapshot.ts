import type { Stats } from "node:fs";
import { errnoOf, isAbsence, outsideRootError } from "../errors.ts";
import { type FileSystem, lookAt } from "../file-system.ts";

/**
 * The tree that `..data` of an atomic volume points to. Everything that is read between `openSnapshot` and a true `isIntact`
 * comes from one write of the kubelet, and is its newest.
 */
export interface VolumeSnapshot {
  /** The volume's directory. */
  readonly directory: string;
  /** The published tree, absolute. */
  readonly tree: string;
  /** Identifies this publication within the process; never shown. */
  readonly revision: string;
  readonly publishedAt: Date;
  /** Returns whether the tree, or a directory in it, was changed after it was published: it is being deleted, or was made by hand. */
  isTouched(directory?: Stats): boolean;
  /** Returns whether timestamps cannot tell if the tree was changed after its publication: both fell into one tick, up to 10 ms. */
  isTooFreshToTell(): boolean;
  /** Returns whether the volume still publishes this tree, untouched since the snapshot was opened. */
  isIntact(): boolean;
}

/**
 * Opens a snapshot of the volume in a directory. Returns `incomplete` while there is no whole volume, because `..data` is not there or
 * dangles, and `no-volume` where `..data` is a directory, as in a copy that resolved the links.
 * @throws {SecretError} INVALID_VALUE, reason `outside-root`, when `..data` leads out of the volume
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

/** The link can be replaced by something else at any moment; then there is no target to go by. */
function readTarget(fileSystem: FileSystem, link: string): string | undefined {
  try {
    return fileSystem.readlinkSync(link);
  } catch (error) {
    if (isAbsence(error) || errnoOf(error) === "EINVAL") return undefined;
    throw error;
  }
}
