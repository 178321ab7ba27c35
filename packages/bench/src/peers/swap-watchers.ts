import { type FSWatcher, readFileSync, unwatchFile, watch, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { openMountClient } from "../double/client.ts";
import { sharedNow } from "../double/writer.ts";

/** Told with each value that a watcher has read, and when. */
export type OnValue = (value: string, at: number) => void;
/** Starts watching one key of a volume and answers what stops it. */
export type SwapWatcher = (directory: string, key: string, onValue: OnValue) => Promise<() => unknown>;

/** watcher -> how it is started; the fast ones, which see each of many rotations */
export const eventWatchers: ReadonlyMap<string, SwapWatcher> = new Map<string, SwapWatcher>([
  ["fs.watch(dir), read sync", rawSync],
  ["fs.watch(dir), read async", rawAsync],
  ["fs.watch(file)", rawFile],
  ["chokidar 3, file", (...given) => chokidar(import("chokidar-3"), ...given)],
  ["chokidar 5, file", (...given) => chokidar(import("chokidar-5"), ...given)],
  ["chokidar 6, file", (...given) => chokidar(import("chokidar-6"), ...given)],
  ["Tacit watch", tacit],
]);

/** watcher -> how it is started; they look once a second */
export const pollingWatchers: ReadonlyMap<string, SwapWatcher> = new Map<string, SwapWatcher>([
  ["fs.watchFile, 1 s", poll],
  ["read again each 1 s", readAgain],
]);

async function rawSync(directory: string, key: string, onValue: OnValue): Promise<() => unknown> {
  const watcher = watch(directory, (_, name) => {
    if (name === "..data") onValue(readFileSync(join(directory, key), "utf8"), sharedNow());
  });
  return () => watcher.close();
}

async function rawAsync(directory: string, key: string, onValue: OnValue): Promise<() => unknown> {
  const watcher = watch(directory, (_, name) => {
    if (name !== "..data") return;
    readFile(join(directory, key), "utf8").then((value) => onValue(value, sharedNow()), ignore);
  });
  return () => watcher.close();
}

async function rawFile(directory: string, key: string, onValue: OnValue): Promise<() => unknown> {
  const file = join(directory, key);
  const watcher: FSWatcher = watch(file, () => {
    readFile(file, "utf8").then((value) => onValue(value, sharedNow()), ignore);
  });
  watcher.on("error", ignore);
  return () => watcher.close();
}

/** What the versions have in common. */
interface Chokidar {
  watch(path: string, options: { ignoreInitial: boolean }): ChokidarWatcher;
}

interface ChokidarWatcher {
  on(event: "change" | "add" | "ready", listener: () => void): unknown;
  close(): Promise<void>;
}

async function chokidar(
  loading: Promise<Chokidar>,
  directory: string,
  key: string,
  onValue: OnValue,
): Promise<() => unknown> {
  const file = join(directory, key);
  const watcher = (await loading).watch(file, { ignoreInitial: true });
  const read = (): void => void readFile(file, "utf8").then((value) => onValue(value, sharedNow()), ignore);
  watcher.on("change", read);
  watcher.on("add", read);
  await new Promise<void>((resolve) => void watcher.on("ready", resolve));
  return () => watcher.close();
}

async function tacit(directory: string, key: string, onValue: OnValue): Promise<() => unknown> {
  const client = await openMountClient(dirname(directory), { key: { ref: `${basename(directory)}/${key}` } });
  await client.ready();
  client.watch("key").on("change", ({ current }) => onValue(current.reveal() as string, sharedNow()));
  return () => client.close();
}

async function poll(directory: string, key: string, onValue: OnValue): Promise<() => unknown> {
  const file = join(directory, key);
  watchFile(file, { interval: 1_000 }, () => onValue(readFileSync(file, "utf8"), sharedNow()));
  return () => unwatchFile(file);
}

async function readAgain(directory: string, key: string, onValue: OnValue): Promise<() => unknown> {
  const timer = setInterval(() => onValue(readFileSync(join(directory, key), "utf8"), sharedNow()), 1_000);
  return () => clearInterval(timer);
}

function ignore(): void {}
