import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** kind of handle -> how many this process has open */
export type Handles = Readonly<Record<string, number>>;

/** Counts what Node knows to be active, the descriptors, and the inotify watches; the latter two where there is a /proc. */
export function countHandles(): Handles {
  const counts: Record<string, number> = {};
  const count = (kind: string, by = 1): void => {
    counts[kind] = (counts[kind] ?? 0) + by;
  };
  for (const resource of process.getActiveResourcesInfo()) count(resource);
  for (const descriptor of descriptors()) {
    const target = targetOf(descriptor);
    if (target === undefined) continue;
    count("descriptor");
    if (target === "anon_inode:inotify") count("inotify watch", watchesOf(descriptor));
  }
  return counts;
}

function descriptors(): readonly string[] {
  try {
    return readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
}

/** The descriptor of the listing itself is gone by the time it is looked at. */
function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** One line each (proc_pid_fdinfo(5)). */
function watchesOf(descriptor: string): number {
  return readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("inotify")).length;
}
