import { readdirSync, readFileSync } from "node:fs";

/** What a process holds open. */
export interface Handles {
  readonly descriptors: number;
  readonly watches: number;
  readonly resources: number;
}

/** Counts what this process holds open now. */
export function openHandles(): Handles {
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    watches: inotifyWatches(),
    resources: process.getActiveResourcesInfo().length,
  };
}

/** The inotify watches of this process, over all its inotify descriptors (proc_pid_fdinfo(5)). */
export function inotifyWatches(): number {
  let watches = 0;
  for (const descriptor of readdirSync("/proc/self/fdinfo")) {
    try {
      const lines = readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8").split("\n");
      watches += lines.filter((line) => line.startsWith("inotify ")).length;
    } catch {
      // the descriptor of the folder listing itself, closed meanwhile
    }
  }
  return watches;
}
