import { aliasOf, nameOf, valueFor } from "../fixture.ts";

/** Many secrets, held. */
export interface Held {
  /** Whether the last one can be read; also keeps them all reachable. */
  holds(): boolean | Promise<boolean>;
}

/** Fills a design; what this makes is weighed. */
export type Fill = () => Held | Promise<Held>;

/**
 * design -> what prepares `count` secrets in it. A name is part of what is weighed, except where the application has
 * declared it and so owns the text.
 */
export const memoryDesigns: ReadonlyMap<string, (count: number) => Fill> = new Map<string, (count: number) => Fill>([
  ["Map of strings", (count) => () => strings(count)],
  ["Map of { value, version, 2 times }", (count) => () => entries(count)],
  ["the same + settled promise", (count) => () => promises(count)],
  ["lru-cache (ttl)", (count) => () => lruCache(count)],
  ["powertools BaseProvider", (count) => () => powertools(count)],
  ["unstorage memory", (count) => () => unstorage(count)],
  ["keyv memory", (count) => () => keyv(count)],
  ["Tacit, undeclared", (count) => () => tacitUndeclared(count)],
  ["Tacit, declared", (count) => tacitDeclared(count, false)],
  ["Tacit, declared, 1 listener", (count) => tacitDeclared(count, true)],
]);

/** A string in one piece: a concatenation would hold its parts. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

function strings(count: number): Held {
  const map = new Map<string, string>();
  for (let index = 0; index < count; index++) map.set(flat(nameOf(index)), flat(valueFor(nameOf(index))));
  return { holds: () => map.get(nameOf(count - 1)) === valueFor(nameOf(count - 1)) };
}

function entries(count: number): Held {
  const map = new Map<string, object>();
  for (let index = 0; index < count; index++) map.set(flat(nameOf(index)), entry(index));
  return { holds: () => map.has(nameOf(count - 1)) };
}

function promises(count: number): Held {
  const map = new Map<string, object>();
  for (let index = 0; index < count; index++) {
    const made = entry(index);
    map.set(flat(nameOf(index)), Object.assign(made, { kept: Promise.resolve(made) }));
  }
  return { holds: () => map.has(nameOf(count - 1)) };
}

function entry(index: number): {
  value: string;
  version: string;
  fetchedAt: number;
  expiresAt: number;
  kept?: Promise<unknown> | undefined;
} {
  return {
    value: flat(valueFor(nameOf(index))),
    version: flat(`v${index}`),
    fetchedAt: 1.7e12 + index,
    expiresAt: 1.8e12 + index,
    kept: undefined,
  };
}

async function lruCache(count: number): Promise<Held> {
  const { LRUCache } = await import("lru-cache");
  const cache = new LRUCache<string, string>({ max: count, ttl: 3_600_000 });
  for (let index = 0; index < count; index++) cache.set(flat(nameOf(index)), flat(valueFor(nameOf(index))));
  return { holds: () => cache.get(nameOf(count - 1)) === valueFor(nameOf(count - 1)) };
}

async function powertools(count: number): Promise<Held> {
  const { memoryParameters } = await import("./powertools.ts");
  const provider = await memoryParameters(async (name) => flat(valueFor(name)));
  for (let index = 0; index < count; index++) await provider.get(flat(nameOf(index)), { maxAge: 3_600 });
  return { holds: async () => (await provider.get(nameOf(count - 1))) === valueFor(nameOf(count - 1)) };
}

async function unstorage(count: number): Promise<Held> {
  const { createStorage } = await import("unstorage");
  const storage = createStorage<string>();
  for (let index = 0; index < count; index++) await storage.setItem(flat(nameOf(index)), flat(valueFor(nameOf(index))));
  return { holds: async () => (await storage.getItem(nameOf(count - 1))) === valueFor(nameOf(count - 1)) };
}

async function keyv(count: number): Promise<Held> {
  const { Keyv } = await import("keyv");
  const store = new Keyv<string>({ ttl: 3_600_000 });
  for (let index = 0; index < count; index++) await store.set(flat(nameOf(index)), flat(valueFor(nameOf(index))));
  return { holds: async () => (await store.get(nameOf(count - 1))) === valueFor(nameOf(count - 1)) };
}

async function tacitUndeclared(count: number): Promise<Held> {
  const { openMemoryClient } = await import("../double/client.ts");
  const client = await openMemoryClient({ declare: {} });
  for (let index = 0; index < count; index++) await client.getSecret(flat(nameOf(index)));
  return { holds: async () => (await client.getSecret(nameOf(count - 1))).reveal() === valueFor(nameOf(count - 1)) };
}

function tacitDeclared(count: number, listened: boolean): Fill {
  const declare = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [aliasOf(nameOf(index)), { ref: flat(nameOf(index)) }]),
  );
  return async () => {
    const { openMemoryClient } = await import("../double/client.ts");
    const client = await openMemoryClient({ declare });
    await client.ready({ timeout: "60s" });
    if (listened) for (const alias of Object.keys(declare)) client.watch(alias).on("change", onChange);
    return {
      holds: () => client.latest(aliasOf(nameOf(count - 1))).reveal() === valueFor(nameOf(count - 1)),
    };
  };
}

function onChange(): void {}
