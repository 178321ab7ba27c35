import type { Dirent } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FilesContext } from "../context.ts";
import type { FileSystem } from "../file-system.ts";
import { type Location, locate } from "../location.ts";
import { isOwnMount } from "../own-mount.ts";
import { isLeftover } from "../plain/plain-content.ts";
import { isDirectory, probe } from "../probe.ts";
import type { Look } from "../shared-looks.ts";
import { followLinks, type Resolution } from "./links.ts";

/** The names in a resolved directory whose changes concern a path. */
export interface WatchPoint {
  readonly directory: string;
  /** Undefined for all names. */
  readonly names?: ReadonlySet<string>;
}

/** The directories that currently have to be watched for one path. */
export interface WatchPlan {
  readonly points: readonly WatchPoint[];
  /** The reason why not all changes are reported; undefined if they are. */
  readonly code?: "static-mount" | "many-directories" | "polling";
}

/** A path with more directories is polled, since each requires a watch of the system. */
const mostDirectories = 256;

/**
 * Returns the plan for a path. If the path cannot be located, any change in the root causes a new attempt.
 * @param follow resolves links, with a cache for paths of the same volume
 * @param look returns the stats of the directories of the path; by default it calls lstat
 */
export function planWatch(
  context: FilesContext,
  segments: readonly string[],
  follow: (path: string) => Resolution,
  look?: Look,
): WatchPlan {
  // A synchronous call to a hung mount would not return.
  if (context.watch === "poll") return { points: [], code: "polling" };
  try {
    return planFor(context, segments, locate(context, segments, look), follow);
  } catch {
    const { real, links } = follow(context.root);
    return { points: [...pointsOf(links), { directory: real }] };
  }
}

/** Returns a key that is equal for equal plans. */
export function keyOfPlan({ points, code }: WatchPlan): string {
  return JSON.stringify([code, points.map(({ directory, names }) => [directory, names && [...names]])]);
}

function planFor(
  context: FilesContext,
  segments: readonly string[],
  location: Location,
  follow: (path: string) => Resolution,
): WatchPlan {
  const { fileSystem, root } = context;
  if (location.kind === "volume") {
    const { real, links } = follow(location.directory);
    // Another volume or a file may appear under this name, next to `..data`.
    return {
      points: [...pointsOf(links), { directory: real, names: new Set(["..data", ...location.rest.slice(0, 1)]) }],
    };
  }
  if (location.kind === "missing") return planForMissing(fileSystem, followLinks(fileSystem, join(root, ...segments)));
  if (!location.isDirectory && isOwnMount(fileSystem, location.file)) return { points: [], code: "static-mount" };
  const resolution = followLinks(fileSystem, location.file);
  const links = pointsOf(resolution.links);
  if (!location.isDirectory) return { points: [...links, fileAt(resolution.real)] };
  const tree = treePoints(fileSystem, resolution.real);
  return tree === undefined
    ? { points: [...links, { directory: resolution.real }], code: "many-directories" }
    : { points: [...links, ...tree] };
}

function pointsOf(links: Resolution["links"]): readonly WatchPoint[] {
  return links.map(({ directory, name }) => ({ directory, names: new Set([name]) }));
}

/** Returns the names that concern a file: its own, and `..data`, which makes its directory a volume. */
function fileAt(real: string): WatchPoint {
  return { directory: dirname(real), names: new Set([basename(real), "..data"]) };
}

/** Watches the deepest existing directory for the name that is missing in it. */
function planForMissing(fileSystem: FileSystem, { real, links }: Resolution): WatchPlan {
  let directory = real;
  let name: string | undefined;
  while (!isDirectory(probe(fileSystem, directory)) && dirname(directory) !== directory) {
    name = basename(directory);
    directory = dirname(directory);
  }
  const point = name === undefined ? { directory } : { directory, names: new Set([name, "..data"]) };
  return { points: [...pointsOf(links), point] };
}

/** Returns the points of a plain directory tree and of the targets of its links; undefined if there are too many. */
function treePoints(fileSystem: FileSystem, top: string): readonly WatchPoint[] | undefined {
  const points: WatchPoint[] = [];
  const waiting = [top];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    points.push({ directory });
    for (const entry of entriesOf(fileSystem, directory)) {
      if (entry.name.startsWith("..") || isLeftover(entry.name, () => false)) continue;
      const file = join(directory, entry.name);
      if (entry.isDirectory()) waiting.push(file);
      if (entry.isSymbolicLink()) {
        const { real, links } = followLinks(fileSystem, file);
        points.push(...pointsOf(links.slice(1)), fileAt(real));
      }
    }
    if (points.length > mostDirectories) return undefined;
  }
  return points;
}

function entriesOf(fileSystem: FileSystem, directory: string): readonly Dirent[] {
  try {
    return fileSystem.readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
