import { outsideRootError, rootNotADirectoryError, rootNotFoundError } from "./failure.ts";
import { type FileSystem, lookAt } from "./file-system.ts";

/** An atomic volume: `directory` holds `..data`, or did; `rest` is the path below it. */
export interface VolumePlace {
  readonly kind: "volume";
  readonly directory: string;
  readonly rest: readonly string[];
}

/** Where a path leads, as of now. */
export type Place =
  | VolumePlace
  /** A plain file, or a directory of plain files. */
  | { readonly kind: "plain"; readonly file: string; readonly isDirectory: boolean }
  /** Nothing; `nearest` is the deepest directory on the way that exists. */
  | { readonly kind: "missing"; readonly nearest: string };

/** What locating needs to know beside the path. */
export interface Surroundings {
  readonly fileSystem: FileSystem;
  /** Absolute. */
  readonly root: string;
  readonly followExternalLinks: boolean;
  /** Directories that have been seen with a `..data`: without it they are volumes in trouble, not plain directories. */
  readonly knownVolumes: Set<string>;
}

/**
 * Walks from the root along the path to the first atomic volume, or to the plain file or directory at its end.
 * @throws {SecretError} UNAVAILABLE, reason `root-not-found`; INVALID_VALUE, reason `outside-root`; and what a system call throws
 */
export function locate(surroundings: Surroundings, segments: readonly string[]): Place {
  const { fileSystem, root, knownVolumes } = surroundings;
  let directory = root;
  for (const [index, segment] of segments.entries()) {
    if (isVolume(surroundings, directory)) return { kind: "volume", directory, rest: segments.slice(index) };
    const next = directory === "/" ? `/${segment}` : `${directory}/${segment}`;
    const entry = kindOf(surroundings, next, segments.slice(0, index + 1).join("/"));
    if (entry === "link-of-volume") return { kind: "volume", directory, rest: segments.slice(index) };
    if (entry === "missing" && !knownVolumes.has(next)) return missing(surroundings, directory, segments.slice(index));
    if (entry === "directory" || entry === "missing") directory = next;
    else if (index === segments.length - 1) return { kind: "plain", file: next, isDirectory: false };
    else return { kind: "missing", nearest: directory };
  }
  if (isVolume(surroundings, directory)) return { kind: "volume", directory, rest: [] };
  if (directory === root) assertRoot(surroundings);
  const names = fileSystem.readdirSync(directory);
  if (looksLikeVolume(names)) {
    knownVolumes.add(directory);
    return { kind: "volume", directory, rest: [] };
  }
  return names.length === 0 ? { kind: "missing", nearest: directory } : plainDirectory(directory);
}

/** Whether a listing shows what only the kubelet's writer makes: `..data`, and trees named by time such as `..2026_11_21_01_02_10.42`. */
export function looksLikeVolume(names: readonly string[]): boolean {
  return names.some((name) => /^\.\.(data(_tmp)?$|\d{4}_)/.test(name));
}

/** @throws {SecretError} UNAVAILABLE when the root is missing, or is no directory */
export function assertRoot({ fileSystem, root }: Pick<Surroundings, "fileSystem" | "root">): void {
  const stats = fileSystem.statSync(root, { throwIfNoEntry: false });
  if (stats === undefined) throw rootNotFoundError(root);
  if (!stats.isDirectory()) throw rootNotADirectoryError(root);
}

/** Whether a real path lies in a real directory. */
export function isInside(realDirectory: string, realPath: string): boolean {
  return realPath === realDirectory || realPath.startsWith(realDirectory === "/" ? "/" : `${realDirectory}/`);
}

function isVolume({ fileSystem, knownVolumes }: Surroundings, directory: string): boolean {
  if (knownVolumes.has(directory)) return true;
  const link = lookAt(fileSystem, `${directory}/..data`);
  if (link === undefined || !link.isSymbolicLink()) return false;
  knownVolumes.add(directory);
  return true;
}

type EntryKind = "missing" | "file" | "directory" | "link-of-volume";

function kindOf(surroundings: Surroundings, file: string, path: string): EntryKind {
  const { fileSystem, root, followExternalLinks } = surroundings;
  const stats = lookAt(fileSystem, file);
  if (stats === undefined) return "missing";
  if (!stats.isSymbolicLink()) return stats.isDirectory() ? "directory" : "file";
  if (fileSystem.readlinkSync(file).startsWith("..data/")) return "link-of-volume";
  const target = fileSystem.statSync(file, { throwIfNoEntry: false });
  if (target === undefined) return "missing";
  const inside = followExternalLinks || isInside(fileSystem.realpathSync(root), fileSystem.realpathSync(file));
  if (!inside) throw outsideRootError(path);
  return target.isDirectory() ? "directory" : "file";
}

/** A key can be missing because its volume has lost `..data`; then it is the volume that is in trouble. */
function missing(surroundings: Surroundings, directory: string, rest: readonly string[]): Place {
  const { fileSystem, root, knownVolumes } = surroundings;
  if (directory === root) assertRoot(surroundings);
  if (!looksLikeVolume(fileSystem.readdirSync(directory))) return { kind: "missing", nearest: directory };
  knownVolumes.add(directory);
  return { kind: "volume", directory, rest };
}

function plainDirectory(file: string): Place {
  return { kind: "plain", file, isDirectory: true };
}
