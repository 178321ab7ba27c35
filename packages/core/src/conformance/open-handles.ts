import { readdirSync, readlinkSync } from "node:fs";

/** kind of handle -> how many are open */
export type OpenHandles = ReadonlyMap<string, number>;

/** Counts the handles that keep this process alive, and on Linux its open file descriptors, by kind. */
export function openHandles(): OpenHandles {
  const handles = new Map<string, number>();
  const count = (kind: string): void => void handles.set(kind, (handles.get(kind) ?? 0) + 1);
  for (const resource of process.getActiveResourcesInfo()) count(resource);
  for (const descriptor of descriptors()) count(`${descriptor} descriptor`);
  return handles;
}

/** Describes the first kind of handle whose count has grown; never contains a path. */
export function surplus(before: OpenHandles, after: OpenHandles): string | undefined {
  for (const [kind, count] of after) {
    const more = count - (before.get(kind) ?? 0);
    if (more > 0) return `${more} ${kind}`;
  }
  return undefined;
}

/**
 * Returns the kinds of the open descriptors: `socket:[123]` -> socket, `anon_inode:inotify` -> inotify, a path -> file; none
 * without /proc.
 */
function descriptors(): readonly string[] {
  try {
    return readdirSync("/proc/self/fd").flatMap(kindOf);
  } catch {
    return [];
  }
}

/** Returns the kind of a descriptor; none for that of the directory listing itself, which is already closed. */
function kindOf(descriptor: string): readonly string[] {
  try {
    const target = readlinkSync(`/proc/self/fd/${descriptor}`);
    if (target.startsWith("anon_inode:")) return [target.slice("anon_inode:".length).replace(/[[\]]/g, "")];
    return [target.startsWith("/") ? "file" : (target.split(":")[0] ?? "file")];
  } catch {
    return [];
  }
}
