import { dirname, sep } from "node:path";
import { type FileSystem, lookAt } from "../file-system.ts";
import { childOf } from "../location.ts";

/** The target of a path, and the links in it. */
export interface Resolution {
  /** The path without links. Segments that do not exist are kept. */
  readonly real: string;
  /** The links of the path, each with its resolved directory. A change of any of them changes the target. */
  readonly links: readonly { readonly directory: string; readonly name: string }[];
}

/** The limit of the Linux kernel. */
const mostLinks = 40;

/** Resolves the links of an absolute path one by one. A segment that cannot be read counts as no link. */
export function followLinks(fileSystem: FileSystem, path: string): Resolution {
  // On Windows, with drive letters and junctions, changes of links are found by polling.
  if (sep !== "/") return { real: path, links: [] };
  const links: { directory: string; name: string }[] = [];
  const waiting = namesOf(path);
  let real = "/";
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (name === "..") real = dirname(real);
    if (name === "." || name === "..") continue;
    const at = childOf(real, name);
    const target = links.length < mostLinks ? targetOf(fileSystem, at) : undefined;
    if (target === undefined) {
      real = at;
      continue;
    }
    links.push({ directory: real, name });
    if (target.startsWith("/")) real = "/";
    waiting.unshift(...namesOf(target));
  }
  return { real, links };
}

/** Resolves the links of a path. Without `isFresh`, the result may come from the cache of this microtask. */
export type LinkFollower = (path: string, isFresh: boolean) => Resolution;

/** Creates a follower with a cache. */
export function createLinkFollower(fileSystem: FileSystem): LinkFollower {
  /** path -> its resolution in this microtask */
  const known = new Map<string, Resolution>();
  return (path, isFresh) => {
    const before = isFresh ? undefined : known.get(path);
    if (before !== undefined) return before;
    if (known.size === 0) queueMicrotask(() => known.clear());
    const resolution = followLinks(fileSystem, path);
    known.set(path, resolution);
    return resolution;
  };
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

function targetOf(fileSystem: FileSystem, file: string): string | undefined {
  try {
    return lookAt(fileSystem, file)?.isSymbolicLink() ? fileSystem.readlinkSync(file) : undefined;
  } catch {
    return undefined;
  }
}
