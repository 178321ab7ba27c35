import type { Stats } from "node:fs";
import type { FilesContext } from "./context.ts";
import { outsideRootError, rootNotADirectoryError, rootNotFoundError } from "./errors.ts";
import { type FileSystem, lookAt } from "./file-system.ts";
import type { Look } from "./shared-looks.ts";

/** A location in an atomic volume: `directory` contains `..data`, or did; `rest` is the path below it. */
export interface VolumeLocation {
  readonly kind: "volume";
  readonly directory: string;
  readonly rest: readonly string[];
}

/** The current location of a path. */
export type Location =
  | VolumeLocation
  /** A plain file, or a directory of plain files. */
  | { readonly kind: "plain"; readonly file: string; readonly isDirectory: boolean }
  | { readonly kind: "missing" };

/**
 * Finds the atomic volume that contains a path, or the plain file or directory at its end.
 * @param look returns the stats of the directories of the path; by default it calls lstat
 * @throws {SecretError} UNAVAILABLE `root-not-found` or `root-not-a-directory`; INVALID_VALUE `outside-root`; errors of system calls
 */
export function locate(context: FilesContext, segments: readonly string[], look: Look = lookNow(context)): Location {
  const { fileSystem, root, knownVolumes } = context;
  let directory = root;
  for (const [index, segment] of segments.entries()) {
    const next = childOf(directory, segment);
    const stats = index < segments.length - 1 ? look(next) : lookAt(fileSystem, next);
    if (isVolume(context, directory, look)) {
      // The kubelet creates only links, so a directory next to `..data` is a mount point of another volume, or a plain directory.
      if (stats?.isDirectory() !== true) return { kind: "volume", directory, rest: segments.slice(index) };
      directory = next;
      continue;
    }
    const entry = stats === undefined ? "missing" : entryOf(context, next, stats, segments.slice(0, index + 1));
    if (entry === "link-of-volume") return { kind: "volume", directory, rest: segments.slice(index) };
    if (entry === "missing" && !knownVolumes.has(next)) return missing(context, directory, segments.slice(index));
    if (entry === "directory" || entry === "missing") directory = next;
    else if (index === segments.length - 1) return { kind: "plain", file: next, isDirectory: false };
    else return { kind: "missing" };
  }
  if (isVolume(context, directory, look)) return { kind: "volume", directory, rest: [] };
  if (directory === root) assertRoot(context);
  const names = fileSystem.readdirSync(directory);
  if (holdsVolume(fileSystem, directory, names)) {
    knownVolumes.add(directory);
    return { kind: "volume", directory, rest: [] };
  }
  return names.length === 0 ? { kind: "missing" } : { kind: "plain", file: directory, isDirectory: true };
}

/**
 * Returns whether a directory has the layout of the kubelet: a link `..data`, or without one, trees named by time, such as
 * `..2026_11_21_01_02_10.42`. If `..data` is a directory, it is a copy of a volume with resolved links, that is, a plain directory.
 */
export function holdsVolume(fileSystem: FileSystem, directory: string, names: readonly string[]): boolean {
  if (names.includes("..data")) return lookAt(fileSystem, childOf(directory, "..data"))?.isDirectory() !== true;
  return names.some((name) => /^\.\.(data_tmp$|\d{4}_)/.test(name));
}

/** Checks that the root is a directory. @throws {SecretError} UNAVAILABLE `root-not-found` or `root-not-a-directory` */
export function assertRoot({ fileSystem, root }: Pick<FilesContext, "fileSystem" | "root">): void {
  const stats = fileSystem.statSync(root, { throwIfNoEntry: false });
  if (stats === undefined) throw rootNotFoundError(root);
  if (!stats.isDirectory()) throw rootNotADirectoryError(root);
}

/** Returns whether a path is in a directory, both without links. */
export function isInside(realDirectory: string, realPath: string): boolean {
  return realPath === realDirectory || realPath.startsWith(realDirectory === "/" ? "/" : `${realDirectory}/`);
}

/**
 * Resolves the links of a file. If the root is a link that changes during the call, both are resolved again.
 * @throws {SecretError} INVALID_VALUE `outside-root`, unless `followExternalLinks` is set; errors of system calls
 */
export function resolveInside(context: FilesContext, file: string, path: string): string {
  const { fileSystem, root, followExternalLinks } = context;
  for (let turns = 1; ; turns++) {
    const realRoot = fileSystem.realpathSync(root);
    const target = fileSystem.realpathSync(file);
    if (followExternalLinks || isInside(realRoot, target)) return target;
    if (turns === mostTurns || fileSystem.realpathSync(root) === realRoot) throw outsideRootError(path);
  }
}

/** Returns whether a directory can be resolved, and is in the root or may be outside it. */
export function staysInside(context: FilesContext, directory: string): boolean {
  try {
    resolveInside(context, directory, directory);
    return true;
  } catch {
    return false;
  }
}

/** The number of attempts to resolve links that change during a read. */
export const mostTurns = 4;

/** Joins a name to a directory. */
export function childOf(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

function lookNow({ fileSystem }: FilesContext): Look {
  return (file) => lookAt(fileSystem, file);
}

function isVolume({ knownVolumes }: FilesContext, directory: string, look: Look): boolean {
  if (knownVolumes.has(directory)) return true;
  if (look(childOf(directory, "..data"))?.isSymbolicLink() !== true) return false;
  knownVolumes.add(directory);
  return true;
}

type EntryKind = "missing" | "file" | "directory" | "link-of-volume";

function entryOf(context: FilesContext, file: string, stats: Stats, segments: readonly string[]): EntryKind {
  const { fileSystem } = context;
  if (!stats.isSymbolicLink()) return stats.isDirectory() ? "directory" : "file";
  if (fileSystem.readlinkSync(file).startsWith("..data/")) return "link-of-volume";
  const target = fileSystem.statSync(file, { throwIfNoEntry: false });
  if (target === undefined) return "missing";
  resolveInside(context, file, segments.join("/"));
  return target.isDirectory() ? "directory" : "file";
}

/** Returns the location of a missing key: the volume if it has lost `..data`, since the key may then still exist. */
function missing(context: FilesContext, directory: string, rest: readonly string[]): Location {
  const { root, knownVolumes } = context;
  if (directory === root) assertRoot(context);
  if (!isLostVolume(context, directory)) return { kind: "missing" };
  knownVolumes.add(directory);
  return { kind: "volume", directory, rest };
}

/** The age of a change after which the timestamps of a directory will show the next change. */
const tickMs = 1000;
const mostDirectories = 1000;

/** Returns whether a directory without `..data` is an incomplete volume. It is listed only if it has changed, since that is slow for a large directory. */
function isLostVolume({ fileSystem, clock, watch, plainDirectories }: FilesContext, directory: string): boolean {
  const { ino, size, nlink, mtimeMs, ctimeMs } = fileSystem.statSync(directory);
  const state = [ino, size, nlink, mtimeMs, ctimeMs].join(" ");
  // The timestamps of a network mount come from the clock of another machine.
  const isOld = watch !== "poll" && clock.now() - Math.max(mtimeMs, ctimeMs) > tickMs;
  if (isOld && plainDirectories.get(directory) === state) return false;
  const isLost = holdsVolume(fileSystem, directory, fileSystem.readdirSync(directory));
  if (plainDirectories.size >= mostDirectories) plainDirectories.clear();
  if (isOld && !isLost) plainDirectories.set(directory, state);
  return isLost;
}
