import type { ProviderHost } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { type DirectoryEvent, DirectoryWatch, type WatchFailure } from "./directory-watch.ts";
import { createLinkFollower, type LinkFollower } from "./links.ts";

/** One use of a watched directory. */
export interface WatchUse {
  /** Whether it was opened for this use, so that what happened before is not told. */
  readonly isNew: boolean;
  /** Absent while changes are told. */
  readonly failure: WatchFailure | undefined;
  /** Repairs what can be repaired: a directory that was replaced, a limit that has room again. */
  verify(): void;
  /** Ends the use, and the watch with its last one. */
  release(): void;
}

/** The watched directories of one provider, each watched once. */
export interface WatchPool {
  /** Tells of changes in a directory from now on; of its volume, that it publishes another tree as an event of `..data`. */
  acquire(directory: string, tell: (event: DirectoryEvent) => void): WatchUse;
  readonly follow: LinkFollower;
}

/** The advice for a watch that cannot be had. */
export const limitTip: string =
  "Changes are found by polling every 5 s. Raise fs.inotify.max_user_instances or max_user_watches on the node: these limits apply per user, across all its pods.";

interface Pooled {
  readonly watch: DirectoryWatch;
  /** One for each use. */
  readonly listeners: Set<Listener>;
}

interface Listener {
  readonly tell: (event: DirectoryEvent) => void;
}

/** Makes the pool of one provider. */
export function createWatchPool(context: FilesContext, host: ProviderHost): WatchPool {
  /** directory -> its watch */
  const pool = new Map<string, Pooled>();
  const open = (directory: string): Pooled => {
    const listeners: Pooled["listeners"] = new Set();
    let published = publishedName(context, directory);
    const watch: DirectoryWatch = new DirectoryWatch(context, directory, (event) => {
      if (watch.failure !== undefined) host.warn(watch.failure, limitTip);
      // The published tree itself is touched only when its rights change or it is deleted.
      const isPublication = event.name === undefined || event.name === "..data" || event.name === published;
      if (!isPublication) return tellInTurns(listeners, event);
      const before = published;
      published = publishedName(context, directory);
      const name = event.name === undefined ? undefined : "..data";
      // One tree after another leaves every path where it is.
      const renamed = event.renamed && (before === undefined || published === undefined);
      tellInTurns(listeners, { ...event, name, renamed });
    });
    if (watch.failure !== undefined) host.warn(watch.failure, limitTip);
    const pooled = { watch, listeners };
    pool.set(directory, pooled);
    return pooled;
  };
  return {
    follow: createLinkFollower(context.fileSystem),
    acquire(directory, tell) {
      const pooled = pool.get(directory);
      const { watch, listeners } = pooled ?? open(directory);
      const listener = { tell };
      listeners.add(listener);
      return {
        isNew: pooled === undefined,
        get failure() {
          return watch.failure;
        },
        verify: () => watch.verify(),
        release() {
          if (!listeners.delete(listener) || listeners.size > 0) return;
          pool.delete(directory);
          watch.close();
        },
      };
    },
  };
}

/** Each begins a read at once; together they take some milliseconds. */
const listenersPerTurn = 128;

/** Tells all who listen now, in as many turns of the event loop as leave other work of the process its share. */
function tellInTurns(listeners: Pooled["listeners"], event: DirectoryEvent): void {
  const waiting = [...listeners];
  const tellSome = (): void => {
    for (const listener of waiting.splice(0, listenersPerTurn)) if (listeners.has(listener)) listener.tell(event);
    if (waiting.length > 0) setImmediate(tellSome);
  };
  tellSome();
}

function publishedName({ fileSystem }: FilesContext, directory: string): string | undefined {
  try {
    return fileSystem.readlinkSync(`${directory}/..data`);
  } catch {
    return undefined;
  }
}
