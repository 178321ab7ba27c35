import type { Stats } from "node:fs";
import type { FilesContext } from "./context.ts";
import { outsideRootError, rootNotADirectoryError, rootNotFoundError } from "./errors.ts";
import { type FileSystem, lookAt } from "./file-system.ts";
import type { Look } from "./shared-looks.ts";

/** An atomic volume: `directory` holds `..data`, or did; `rest` is the path below it. */
export interface VolumeLocation {
  readonly kind: "volume";
  readonly directory: string;
  readonly rest: readonly string[];
}

/** The present target of a path. */
export type Location =
  | VolumeLocation
  /** A plain file, or a directory of plain files. */
  | { readonly kind: "plain"; readonly file: string; readonly isDirectory: boolean }
  | { readonly kind: "missing" };

/**
 * Walks from the root along the path to the atomic volume that holds it, or to the plain file or directory at its end.
 * @param look for the directories on the way; by default each is looked at now
 * @throws {SecretError} UNAVAILABLE, reason `root-not-found`; INVALID_VALUE, reason `outside-root`; and what a system call throws
 */
export function locate(context: FilesContext, segments: readonly string[], look: Look = lookNow(context)): Location {
  const { fileSystem, root, knownVolumes } = context;
  let directory = root;
  for (const [index, segment] of segments.entries()) {
    const next = childOf(directory, segment);
    const stats = index < segments.length - 1 ? look(next) : lookAt(fileSystem, next);
    if (isVolume(context, directory, look)) {
      // The kubelet makes links alone: a directory beside `..data` is the mount point of another volume, or plain.
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
 * Whether a listing shows the work of the kubelet's writer: a link `..data`, or without one the trees named by time, such as
 * `..2026_11_21_01_02_10.42`. Where `..data` is a directory, somebody copied a volume and resolved its links: it is a plain directory.
 */
export function holdsVolume(fileSystem: FileSystem, directory: string, names: readonly string[]): boolean {
  if (names.includes("..data")) return lookAt(fileSystem, childOf(directory, "..data"))?.isDirectory() !== true;
  return names.some((name) => /^\.\.(data_tmp$|\d{4}_)/.test(name));
}

/** @throws {SecretError} UNAVAILABLE when the root is missing, or is no directory */
export function assertRoot({ fileSystem, root }: Pick<FilesContext, "fileSystem" | "root">): void {
  const stats = fileSystem.statSync(root, { throwIfNoEntry: false });
  if (stats === undefined) throw rootNotFoundError(root);
  if (!stats.isDirectory()) throw rootNotADirectoryError(root);
}

/** Returns whether a real path lies in a real directory. */
export function isInside(realDirectory: string, realPath: string): boolean {
  return realPath === realDirectory || realPath.startsWith(realDirectory === "/" ? "/" : `${realDirectory}/`);
}

/**
 * Resolves the links of a file. The root may be a link that is turned between two looks; then both are resolved again.
 * @throws {SecretError} INVALID_VALUE, reason `outside-root`, unless links may lead there; and what a system call throws
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

/** Returns whether the links of a directory lead to where they may lead. */
export function staysInside(context: FilesContext, directory: string): boolean {
  try {
    resolveInside(context, directory, directory);
    return true;
  } catch {
    return false;
  }
}

/** The number of times that a link may be turned under a read before the last answer counts. */
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

/** A key can be missing because its volume has lost `..data`; then it is the volume that is in trouble. */
function missing(context: FilesContext, directory: string, rest: readonly string[]): Location {
  const { root, knownVolumes } = context;
  if (directory === root) assertRoot(context);
  if (!isLostVolume(context, directory)) return { kind: "missing" };
  knownVolumes.add(directory);
  return { kind: "volume", directory, rest };
}

/** How long ago a directory must have changed for its times to show the next change. */
const tickMs = 1000;
const mostDirectories = 1000;

/** A directory that has not changed since it was listed is not listed again: with a thousand files in it that costs more than reading one. */
function isLostVolume({ fileSystem, clock, watch, plainDirectories }: FilesContext, directory: string): boolean {
  const { ino, size, nlink, mtimeMs, ctimeMs } = fileSystem.statSync(directory);
  const state = [ino, size, nlink, mtimeMs, ctimeMs].join(" ");
  // The times of a network mount are those of another machine.
  const isOld = watch !== "poll" && clock.now() - Math.max(mtimeMs, ctimeMs) > tickMs;
  if (isOld && plainDirectories.get(directory) === state) return false;
  const isLost = holdsVolume(fileSystem, directory, fileSystem.readdirSync(directory));
  if (plainDirectories.size >= mostDirectories) plainDirectories.clear();
  if (isOld && !isLost) plainDirectories.set(directory, state);
  return isLost;
}
