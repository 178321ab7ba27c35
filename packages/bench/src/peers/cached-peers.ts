import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryRoot } from "../double/atomic-volume.ts";
import { aliasOf, names, valueFor } from "../fixture.ts";
import { asyncReadLoop, type Read, type ReadLoop, syncReadLoop, type Taking } from "../measure/read-loop.ts";
import { memoryParameters } from "./powertools.ts";

/** A contender whose values are loaded, ready to be read. */
export interface CachedPeer {
  readonly name: string;
  readonly mode: "sync" | "async";
  /** The keys that it is read by, in the order of `names`. */
  readonly keys: readonly string[];
  readonly read: Read;
  /** What is done with an answer; default it is a text. */
  readonly taking?: Taking;
}

/** The loop that times a contender. */
export function readLoopOf({ mode, read, keys, taking = "text" }: CachedPeer): ReadLoop {
  return mode === "sync" ? syncReadLoop(read, keys, taking) : asyncReadLoop(read, keys, taking);
}

/** name of the peer -> what loads it; in the order of the tables */
export const cachedPeers: ReadonlyMap<string, () => CachedPeer | Promise<CachedPeer>> = new Map<
  string,
  () => CachedPeer | Promise<CachedPeer>
>([
  ["Map.get", mapGet],
  ["Map.get + .value", mapEntry],
  ["lru-cache get (ttl)", lruCache],
  ["@nestjs/config get", nestConfig],
  ["Map.get + Date.now()", mapWithExpiry],
  ["config get", nodeConfig],
  ["convict get", convictConfig],
  ["process.env", environment],
  ["readFileSync (tmpfs)", synchronousFile],
  ["async floor", asyncFloor],
  ["await of a kept promise", keptPromise],
  ["powertools BaseProvider", powertools],
  ["unstorage memory", unstorage],
  ["keyv memory", keyv],
  ["fs.promises.readFile (tmpfs)", asynchronousFile],
]);

const plain = (): Map<string, string> => new Map(names.map((name) => [name, valueFor(name)]));
const entries = (): Map<string, { value: string; version: string }> =>
  new Map(names.map((name) => [name, { value: valueFor(name), version: "1" }]));
const dotted = (name: string): string => name.replaceAll("/", ".");

function mapGet(): CachedPeer {
  const map = plain();
  return { name: "Map.get", mode: "sync", keys: names, read: (key) => map.get(key) };
}

function mapEntry(): CachedPeer {
  const map = entries();
  return { name: "Map.get + .value", mode: "sync", keys: names, read: (key) => map.get(key)?.value };
}

function mapWithExpiry(): CachedPeer {
  const until = Date.now() + 3_600_000;
  const map = new Map(names.map((name) => [name, { value: valueFor(name), until }]));
  const read: Read = (key) => {
    const entry = map.get(key);
    return entry !== undefined && Date.now() < entry.until ? entry.value : undefined;
  };
  return { name: "Map.get + Date.now()", mode: "sync", keys: names, read };
}

async function lruCache(): Promise<CachedPeer> {
  const { LRUCache } = await import("lru-cache");
  const cache = new LRUCache<string, string>({ max: 1_000, ttl: 3_600_000 });
  for (const name of names) cache.set(name, valueFor(name));
  return { name: "lru-cache get (ttl)", mode: "sync", keys: names, read: (key) => cache.get(key) };
}

async function nestConfig(): Promise<CachedPeer> {
  await import("reflect-metadata");
  const { ConfigService } = await import("@nestjs/config");
  const service = new ConfigService(Object.fromEntries(plain()));
  return { name: "@nestjs/config get", mode: "sync", keys: names, read: (key) => service.get<string>(key) };
}

async function nodeConfig(): Promise<CachedPeer> {
  process.env.NODE_CONFIG = JSON.stringify(nested());
  process.env.SUPPRESS_NO_CONFIG_WARNING = "1";
  const { default: config } = await import("config");
  return { name: "config get", mode: "sync", keys: names.map(dotted), read: (key) => config.get(key) };
}

async function convictConfig(): Promise<CachedPeer> {
  const { default: convict } = await import("convict");
  const leaf = { password: { default: "", format: String } };
  const schema = { svc: Object.fromEntries(names.map((name) => [name.split("/")[1] ?? "", leaf])) };
  const config = convict<Record<string, unknown>>(schema as never);
  config.load(nested());
  return { name: "convict get", mode: "sync", keys: names.map(dotted), read: (key) => config.get(key) };
}

function environment(): CachedPeer {
  const keys = names.map((name) => aliasOf(name).replaceAll("-", "_").toUpperCase());
  for (const [index, key] of keys.entries()) process.env[key] = valueFor(names[index] ?? "");
  return { name: "process.env", mode: "sync", keys, read: (key) => process.env[key] };
}

function synchronousFile(): CachedPeer {
  return { name: "readFileSync (tmpfs)", mode: "sync", keys: mountedFiles(), read: (key) => readFileSync(key, "utf8") };
}

function asynchronousFile(): CachedPeer {
  return {
    name: "fs.promises.readFile (tmpfs)",
    mode: "async",
    keys: mountedFiles(),
    read: (key) => readFile(key, "utf8"),
  };
}

function asyncFloor(): CachedPeer {
  const map = entries();
  return { name: "async floor", mode: "async", keys: names, read: async (key) => map.get(key)?.value };
}

function keptPromise(): CachedPeer {
  const map = new Map(names.map((name) => [name, Promise.resolve(valueFor(name))]));
  return { name: "await of a kept promise", mode: "async", keys: names, read: (key) => map.get(key) };
}

async function powertools(): Promise<CachedPeer> {
  const provider = await memoryParameters(async (name) => valueFor(name));
  return {
    name: "powertools BaseProvider",
    mode: "async",
    keys: names,
    read: (key) => provider.get(key, { maxAge: 3_600 }),
  };
}

async function unstorage(): Promise<CachedPeer> {
  const { createStorage } = await import("unstorage");
  const storage = createStorage<string>();
  for (const name of names) await storage.setItem(name, valueFor(name));
  return { name: "unstorage memory", mode: "async", keys: names, read: (key) => storage.getItem(key) };
}

async function keyv(): Promise<CachedPeer> {
  const { Keyv } = await import("keyv");
  const store = new Keyv<string>({ ttl: 3_600_000 });
  for (const name of names) await store.set(name, valueFor(name));
  return { name: "keyv memory", mode: "async", keys: names, read: (key) => store.get(key) };
}

function nested(): { svc: Record<string, { password: string }> } {
  return { svc: Object.fromEntries(names.map((name) => [name.split("/")[1] ?? "", { password: valueFor(name) }])) };
}

function mountedFiles(): readonly string[] {
  const root = temporaryRoot();
  return names.map((name) => {
    const folder = join(root, name.split("/")[1] ?? "");
    mkdirSync(folder);
    const path = join(folder, "password");
    writeFileSync(path, valueFor(name));
    return path;
  });
}
