import { readdirSync, readlinkSync } from "node:fs";

/** kind of handle -> how many are open */
export type OpenHandles = ReadonlyMap<string, number>;

/** What keeps this process alive, and on Linux its open file descriptors by kind. */
export function openHandles(): OpenHandles {
  const handles = new Map<string, number>();
  const count = (kind: string): void => void handles.set(kind, (handles.get(kind) ?? 0) + 1);
  for (const resource of process.getActiveResourcesInfo()) count(resource);
  for (const descriptor of descriptors()) count(`${descriptor} descriptor`);
  return handles;
}

/** The first kind of which there is more than before, with how many; never a path. */
export function surplus(before: OpenHandles, after: OpenHandles): string | undefined {
  for (const [kind, count] of after) {
    const more = count - (before.get(kind) ?? 0);
    if (more > 0) return `${more} ${kind}`;
  }
  return undefined;
}

/** `socket:[123]` -> socket, `anon_inode:inotify` -> inotify, a path -> file; none where there is no /proc. */
function descriptors(): readonly string[] {
  try {
    return readdirSync("/proc/self/fd").flatMap(kindOf);
  } catch {
    return [];
  }
}

/** The descriptor of the listing itself is gone by the time it is looked at. */
function kindOf(descriptor: string): readonly string[] {
  try {
    const target = readlinkSync(`/proc/self/fd/${descriptor}`);
    if (target.startsWith("anon_inode:")) return [target.slice("anon_inode:".length).replace(/[[\]]/g, "")];
    return [target.startsWith("/") ? "file" : (target.split(":")[0] ?? "file")];
  } catch {
    return [];
  }
}
