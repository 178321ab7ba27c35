import { basename, join } from "node:path";
import type { SubscriptionState } from "@tacit/core/provider";
import type { FSWatcher } from "chokidar";
import { errnoOf } from "../failure.ts";
import { identityOf } from "./directory-watch.ts";
import { limitTip, type SharedWatch, type WatchEvent, type WatchSurroundings } from "./shared-watch.ts";
import type { WatchPlan } from "./watch-plan.ts";

/** On a network mount each look is a request to its server. */
const pollMs = 2000;

/** Watches the files of one plain directory. chokidar is loaded here, and nowhere else. */
export async function openPlainWatch(
  { options, host, fileSystem }: WatchSurroundings,
  plan: WatchPlan,
  listener: (event: WatchEvent) => void,
): Promise<SharedWatch> {
  const { watch } = await import("chokidar");
  const usePolling = options.watch === "poll";
  const watcher = watch(plan.directory, {
    persistent: false,
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    ignorePermissionErrors: true,
    ignored: (file) => basename(file) !== "..data" && basename(file).startsWith("..") && file !== plan.directory,
    ...(plan.deep ? {} : { depth: 0 }),
    ...(usePolling ? { usePolling, interval: pollMs, binaryInterval: pollMs } : {}),
  });
  let state: SubscriptionState | undefined = usePolling ? { mode: "poll", code: "polling" } : undefined;
  let isDead = false;
  let identity: string | undefined;
  watcher.on("all", (event, file) => {
    if (file === plan.directory && event === "unlinkDir") isDead = true;
    listener({ file, relocate: event.startsWith("unlink") || basename(file) === "..data" });
  });
  // chokidar drops a change that follows another of the same file within 50 ms, and never comes back to it.
  watcher.on("raw", (_event, name, details) => {
    const { watchedPath } = details as { readonly watchedPath?: string };
    if (watchedPath === undefined) return;
    listener({ file: name === basename(watchedPath) ? watchedPath : join(watchedPath, name), relocate: false });
  });
  watcher.on("error", (error) => {
    const code = errnoOf(error);
    if (code !== "EMFILE" && code !== "ENFILE" && code !== "ENOSPC") return;
    state = { mode: "poll", code: "inotify-limit" };
    host.warn("inotify-limit", limitTip);
  });
  await isReady(watcher);
  identity = identityOf(fileSystem, plan.directory);
  return {
    get state() {
      return state;
    },
    get isDead() {
      return isDead;
    },
    verify() {
      if (isDead || identity === identityOf(fileSystem, plan.directory)) return;
      isDead = true;
      listener({ relocate: true });
    },
    async close() {
      watcher.removeAllListeners("all").removeAllListeners("raw");
      await watcher.close();
    },
  };
}

function isReady(watcher: FSWatcher): Promise<void> {
  return new Promise((resolve) => watcher.once("ready", resolve));
}
