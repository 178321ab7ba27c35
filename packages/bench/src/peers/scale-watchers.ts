import { readFileSync, unwatchFile, watch, watchFile } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openMountClient } from "../double/client.ts";

/** Told with each value that was read again. */
export type OnKey = (file: string, value: string) => void;
/** What is watched: the same keys in each directory. */
export interface Layout {
  readonly directories: readonly string[];
  readonly keys: readonly string[];
}
/** Starts watching everything; resolves when a change would be seen, with what stops it. */
export type ScaleWatcher = (layout: Layout, onKey: OnKey) => Promise<() => unknown>;

/** watcher -> how it is started */
export const scaleWatchers: ReadonlyMap<string, ScaleWatcher> = new Map<string, ScaleWatcher>([
  ["fs.watch(dir)", raw],
  ["fs.watchFile, 1 s", poll],
  ["chokidar 3, files", (layout, onKey) => chokidar(import("chokidar-3"), filesOf(layout), onKey)],
  ["chokidar 5, files", (layout, onKey) => chokidar(import("chokidar-5"), filesOf(layout), onKey)],
  ["chokidar 6, files", (layout, onKey) => chokidar(import("chokidar-6"), filesOf(layout), onKey)],
  ["Tacit watch", tacit],
]);

async function raw({ directories, keys }: Layout, onKey: OnKey): Promise<() => unknown> {
  const watchers = directories.map((directory) =>
    watch(directory, (_, name) => {
      if (name !== "..data") return;
      for (const key of keys) onKey(join(directory, key), readFileSync(join(directory, key), "utf8"));
    }),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

async function poll(layout: Layout, onKey: OnKey): Promise<() => unknown> {
  const files = filesOf(layout);
  for (const file of files) watchFile(file, { interval: 1_000 }, () => onKey(file, readFileSync(file, "utf8")));
  return () => {
    for (const file of files) unwatchFile(file);
  };
}

/** What the versions have in common. */
interface Chokidar {
  watch(paths: string[], options: { ignoreInitial: boolean }): ChokidarWatcher;
}

interface ChokidarWatcher {
  on(event: "change" | "add" | "ready", listener: (path: string) => void): unknown;
  close(): Promise<void>;
}

async function chokidar(loading: Promise<Chokidar>, files: readonly string[], onKey: OnKey): Promise<() => unknown> {
  const watcher = (await loading).watch([...files], { ignoreInitial: true });
  const read = (file: string): void => onKey(file, readFileSync(file, "utf8"));
  watcher.on("change", read);
  watcher.on("add", read);
  await new Promise<void>((resolve) => void watcher.on("ready", () => resolve()));
  return () => watcher.close();
}

async function tacit({ directories, keys }: Layout, onKey: OnKey): Promise<() => unknown> {
  const files = new Map<string, string>();
  for (const directory of directories) {
    for (const key of keys) files.set(`${basename(directory)}-${key}`, join(directory, key));
  }
  const root = dirname(directories[0] ?? "");
  const declare = Object.fromEntries(
    [...files].map(([alias, file]) => [alias, { ref: `${basename(dirname(file))}/${basename(file)}` }]),
  );
  const client = await openMountClient(root, declare);
  await client.ready({ timeout: "30s" });
  for (const [alias, file] of files) {
    client.watch(alias).on("change", ({ current }) => onKey(file, current.reveal() as string));
  }
  return () => client.close();
}

function filesOf({ directories, keys }: Layout): readonly string[] {
  return directories.flatMap((directory) => keys.map((key) => join(directory, key)));
}
