import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

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

/** The connections of this process to a port that stand, over both kinds of addresses (proc_pid_net(5)). */
export function establishedConnections(port: number): number {
  const own = ownSockets();
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/self/net/${table}`, "utf8").split("\n").slice(1),
  );
  return lines.filter((line) => {
    const [, , remote, state, , , , , , inode] = line.trim().split(/\s+/);
    return state === "01" && remote?.endsWith(`:${wanted}`) === true && own.has(inode);
  }).length;
}

function ownSockets(): ReadonlySet<string | undefined> {
  const inodes = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
    } catch {
      return undefined;
    }
  });
  return new Set(inodes.filter((inode) => inode !== undefined));
}

/** How many requests of `node:http` are under way in this process, from here on. */
export function requestsUnderWay(): Disposable & { readonly count: number } {
  const under = new Set<unknown>();
  const started = (message: unknown): void => void under.add((message as { request: unknown }).request);
  const ended = (message: unknown): void => void under.delete((message as { request: unknown }).request);
  const ends = ["http.client.response.finish", "http.client.request.error"];
  subscribe("http.client.request.start", started);
  for (const name of ends) subscribe(name, ended);
  return {
    get count() {
      return under.size;
    },
    [Symbol.dispose]() {
      unsubscribe("http.client.request.start", started);
      for (const name of ends) unsubscribe(name, ended);
    },
  };
}
