import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { openMemoryClient } from "./double/client.ts";
import { valueResult } from "./double/memory-adapter.ts";
import { names, valueFor } from "./fixture.ts";
import { memoryParameters } from "./peers/powertools.ts";

/** Reads a name through a cache that is still empty. */
type ColdRead = (name: string) => Promise<unknown>;
/** A store that needs 20 ms and counts its calls. */
interface SlowStore {
  readonly calls: number;
  load(name: string): Promise<string>;
}

const reads = 1_000;

/** P6: a thousand requests arrive before the first answer does. */
export const bench: Bench = {
  id: "cold",
  title: "Concurrent first reads",
  repeats: 1,
  timeoutMs: 60_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const [contender, open] of contenders) {
      const row = await orAbsent(contender, absent, async () => ({
        group: "Store calls for 1,000 concurrent first reads",
        contender,
        values: { "one secret": await calls(open, names.slice(0, 1)), "100 secrets": await calls(open, names) },
      }));
      if (row !== undefined) rows.push(row);
    }
    const tacit = rows.find(({ contender }) => contender === "Tacit getSecret")?.values;
    return { rows, goals: measured({ "P6.one": tacit?.["one secret"], "P6.hundred": tacit?.["100 secrets"] }), absent };
  },
};

/** contender -> what opens an empty cache over a store */
const contenders: ReadonlyMap<string, (store: SlowStore) => Promise<ColdRead>> = new Map([
  ["powertools BaseProvider", powertools],
  ["keyv, cache-aside", keyv],
  ["unstorage, cache-aside", unstorage],
  ["lru-cache fetch", lruCache],
  ["Tacit getSecret", tacit],
]);

async function calls(open: (store: SlowStore) => Promise<ColdRead>, wanted: readonly string[]): Promise<number> {
  const store = slowStore();
  const read = await open(store);
  const answers = await Promise.all(
    Array.from({ length: reads }, async (_, index) => {
      const name = wanted[index % wanted.length] ?? "";
      return (await read(name)) === valueFor(name);
    }),
  );
  if (answers.includes(false)) throw new Error("a read answered a wrong value");
  return store.calls;
}

function slowStore(): SlowStore {
  let count = 0;
  return {
    get calls() {
      return count;
    },
    async load(name) {
      count++;
      await sleep(20);
      return valueFor(name);
    },
  };
}

async function powertools(store: SlowStore): Promise<ColdRead> {
  const provider = await memoryParameters((name) => store.load(name));
  return (name) => provider.get(name, { maxAge: 3_600 });
}

async function keyv(store: SlowStore): Promise<ColdRead> {
  const { Keyv } = await import("keyv");
  const cache = new Keyv<string>({ ttl: 3_600_000 });
  return aside(
    (name) => cache.get(name),
    (name, value) => cache.set(name, value),
    store,
  );
}

async function unstorage(store: SlowStore): Promise<ColdRead> {
  const { createStorage } = await import("unstorage");
  const cache = createStorage<string>();
  return aside(
    (name) => cache.getItem(name),
    (name, value) => cache.setItem(name, value),
    store,
  );
}

async function lruCache(store: SlowStore): Promise<ColdRead> {
  const { LRUCache } = await import("lru-cache");
  const cache = new LRUCache<string, string>({ max: 1_000, ttl: 3_600_000, fetchMethod: (name) => store.load(name) });
  return (name) => cache.fetch(name);
}

async function tacit(store: SlowStore): Promise<ColdRead> {
  const client = await openMemoryClient({ declare: {}, get: async (path) => valueResult(await store.load(path), "1") });
  return async (name) => (await client.getSecret(name)).reveal();
}

/** What the documentation of both shows: look into the cache, else load and store. */
function aside(
  get: (name: string) => Promise<string | null | undefined>,
  set: (name: string, value: string) => Promise<unknown>,
  store: SlowStore,
): ColdRead {
  return async (name) => {
    const held = await get(name);
    if (held !== undefined && held !== null) return held;
    const value = await store.load(name);
    await set(name, value);
    return value;
  };
}
