import type { Secret } from "@tacit/core";
import { aliases, openMemoryClient } from "../double/client.ts";
import { valueResult } from "../double/memory-adapter.ts";
import { aliasOf, names, valueFor } from "../fixture.ts";
import type { Read } from "../measure/read-loop.ts";
import type { CachedPeer } from "./cached-peers.ts";

/** One way to read a loaded Tacit client. */
export interface CachedTacit extends CachedPeer {
  /** The text in what `read` answered. */
  reveal(answer: unknown): string;
  expected(key: string): string;
}

/** Loaded clients in each state that a read can meet. */
export interface CachedTacitSet {
  readonly contenders: readonly CachedTacit[];
  /** How often one version of the JSON secret was parsed, after all reads. */
  parses(): Promise<number>;
  close(): Promise<void>;
}

const nameOfAlias = new Map(names.map((name) => [aliasOf(name), name]));
const expected = (alias: string): string => valueFor(nameOfAlias.get(alias) ?? "");
const revealed = (answer: unknown): string => (answer as Secret).reveal();

/** A contender by its aliases; every one has a code location of its own. */
function read(one: Read): Pick<CachedTacit, "keys" | "read" | "taking" | "reveal" | "expected"> {
  return { keys: aliases, read: one, taking: "secret", reveal: revealed, expected };
}

/** Opens and loads one client per state. */
export async function cachedTacit(): Promise<CachedTacitSet> {
  const plain = await openMemoryClient();
  await plain.ready();
  const refreshing = await inFlight();
  const stale = await failing();
  const watched = await withListeners();
  const structured = await withJson();
  const latest = { mode: "sync", ...read((key) => plain.latest(key)) } as const;
  const get = { mode: "async", ...read((key) => plain.getSecret(key)) } as const;
  return {
    contenders: [
      { ...latest, name: "Tacit latest" },
      { ...latest, name: "Tacit latest().reveal()", taking: "revealed" },
      { ...get, name: "Tacit getSecret" },
      { ...get, name: "Tacit (await getSecret).reveal()", taking: "revealed" },
      { ...get, name: "Tacit getSecret, refresh in flight", ...read((key) => refreshing.getSecret(key)) },
      { ...get, name: "Tacit getSecret, stale", ...read((key) => stale.getSecret(key)) },
      { ...get, name: "Tacit getSecret, 10 listeners", ...read((key) => watched.getSecret(key)) },
      {
        ...get,
        name: "Tacit getSecret, 10-field JSON",
        ...read((key) => structured.client.getSecret(key)),
        reveal: fieldNine,
      },
    ],
    parses: async () => structured.parses(),
    close: async () => {
      await Promise.all(
        [plain, refreshing, stale, watched, structured.client].map((client) => client.close({ timeout: 100 })),
      );
    },
  };
}

type MemoryClient = Awaited<ReturnType<typeof openMemoryClient>>;

/** Every second call hangs, and one such call is under way for each secret. */
async function inFlight(): Promise<MemoryClient> {
  const seen = new Set<string>();
  const client = await openMemoryClient({
    get: (path) => {
      if (seen.has(path)) return new Promise(() => {});
      seen.add(path);
      return valueResult(valueFor(path), "1");
    },
  });
  await client.ready();
  for (const alias of aliases) client.getSecret(alias, { freshness: "fresh" }).catch(() => {});
  return client;
}

/** The store answered once and has been down since. */
async function failing(): Promise<MemoryClient> {
  const { SecretError } = await import("@tacit/core");
  let down = false;
  const client = await openMemoryClient({
    get: (path) => {
      if (down) throw new SecretError("UNAVAILABLE", "the bench's store is down");
      return valueResult(valueFor(path), "1");
    },
  });
  await client.ready();
  down = true;
  await Promise.allSettled(aliases.map((alias) => client.getSecret(alias, { freshness: "fresh" })));
  return client;
}

async function withListeners(): Promise<MemoryClient> {
  const client = await openMemoryClient();
  await client.ready();
  for (const alias of aliases) {
    for (let index = 0; index < 10; index++) client.watch(alias).on("change", () => {});
  }
  return client;
}

/** Each secret is a JSON object of ten fields; counts how often the platform's parser saw one. */
async function withJson(): Promise<{ client: MemoryClient; parses(): number }> {
  const { object } = await import("@tacit/core");
  const fields = Array.from({ length: 10 }, (_, index) => `field${index}`);
  const declare = Object.fromEntries(names.map((name) => [aliasOf(name), { ref: name, as: object(fields) }]));
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = (source: string, ...rest: never[]): unknown => {
    if (source.startsWith('{"field0"')) parsed++;
    return parse(source, ...rest);
  };
  const client = await openMemoryClient({
    declare,
    get: (path) => valueResult(JSON.stringify(Object.fromEntries(fields.map((field) => [field, valueFor(path)]))), "1"),
  });
  await client.ready();
  return {
    client,
    parses: () => {
      JSON.parse = parse;
      return parsed / names.length;
    },
  };
}

function fieldNine(answer: unknown): string {
  return (answer as Secret<Record<string, string>>).reveal().field9 ?? "";
}
