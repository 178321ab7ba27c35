import { dirname, sep } from "node:path";
import { type FileSystem, lookAt } from "../file-system.ts";
import { childOf } from "../location.ts";

/** The target of a path, and the links that lead to it. */
export interface Resolution {
  /** The path without links, as far as it exists. */
  readonly real: string;
  /** The links on the way, each in a directory without links. Whoever turns one of them moves the path. */
  readonly links: readonly { readonly directory: string; readonly name: string }[];
}

/** As the kernel counts them. */
const mostLinks = 40;

/** Follows the links on the way to an absolute path, one by one. What may not be looked at counts as no link. */
export function followLinks(fileSystem: FileSystem, path: string): Resolution {
  // Drive letters, junctions and the like are left to the poll.
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

/** Follows the links on the way to a path; `isFresh`: looks in any case, else once for all paths of one moment. */
export type LinkFollower = (path: string, isFresh: boolean) => Resolution;

/** Makes a follower. */
export function createLinkFollower(fileSystem: FileSystem): LinkFollower {
  /** path -> where it leads, until the end of this microtask */
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
