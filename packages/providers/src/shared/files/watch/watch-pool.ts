import type { ProviderHost } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { type DirectoryEvent, DirectoryWatch, type WatchFailure } from "./directory-watch.ts";
import { createLinkFollower, type LinkFollower } from "./links.ts";

/** A use of a shared watch. */
export interface WatchUse {
  /** Whether the watch was opened for this use; earlier changes are then unknown. */
  readonly isNew: boolean;
  /** The reason why changes are not reported; undefined if they are. */
  readonly failure: WatchFailure | undefined;
  /** Opens the watch again if the directory was replaced, or if a limit is no longer exceeded. */
  verify(): void;
  /** Ends the use; the last one closes the watch. */
  release(): void;
}

/** The watched directories of a provider, with one watch each. */
export interface WatchPool {
  /** Calls `notify` for each change in a directory. A new publication of a volume is an event of the name `..data`. */
  acquire(directory: string, notify: (event: DirectoryEvent) => void): WatchUse;
  readonly follow: LinkFollower;
}

/** The tip for a watch that cannot be opened. */
export const limitTip: string =
  "Changes are found by polling every 5 s. Raise fs.inotify.max_user_instances or max_user_watches on the node: these limits apply per user, across all its pods.";

interface Pooled {
  readonly watch: DirectoryWatch;
  /** One listener for each use. */
  readonly listeners: Set<Listener>;
}

interface Listener {
  readonly notify: (event: DirectoryEvent) => void;
}

/** Creates the pool of a provider. */
export function createWatchPool(context: FilesContext, host: ProviderHost): WatchPool {
  /** directory -> its watch */
  const pool = new Map<string, Pooled>();
  const open = (directory: string): Pooled => {
    const listeners: Pooled["listeners"] = new Set();
    let published = publishedName(context, directory);
    const watch: DirectoryWatch = new DirectoryWatch(context, directory, (event) => {
      if (watch.failure !== undefined) host.warn(watch.failure, limitTip);
      // The published tree itself changes only if its permissions change or it is deleted.
      const isPublication = event.name === undefined || event.name === "..data" || event.name === published;
      if (!isPublication) return notifyInTurns(listeners, event);
      const before = published;
      published = publishedName(context, directory);
      const name = event.name === undefined ? undefined : "..data";
      // A swap from one tree to another does not change the location of a path.
      const renamed = event.renamed && (before === undefined || published === undefined);
      notifyInTurns(listeners, { ...event, name, renamed });
    });
    if (watch.failure !== undefined) host.warn(watch.failure, limitTip);
    const pooled = { watch, listeners };
    pool.set(directory, pooled);
    return pooled;
  };
  return {
    follow: createLinkFollower(context.fileSystem),
    acquire(directory, notify) {
      const pooled = pool.get(directory);
      const { watch, listeners } = pooled ?? open(directory);
      const listener = { notify };
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

/** Each listener starts a read; together they take some milliseconds. */
const listenersPerTurn = 128;

/** Calls the current listeners in several turns of the event loop, so that many of them do not block the process. */
function notifyInTurns(listeners: Pooled["listeners"], event: DirectoryEvent): void {
  const waiting = [...listeners];
  const notifySome = (): void => {
    for (const listener of waiting.splice(0, listenersPerTurn)) if (listeners.has(listener)) listener.notify(event);
    if (waiting.length > 0) setImmediate(notifySome);
  };
  notifySome();
}

function publishedName({ fileSystem }: FilesContext, directory: string): string | undefined {
  try {
    return fileSystem.readlinkSync(`${directory}/..data`);
  } catch {
    return undefined;
  }
}
