import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Absence, type Bench, measured, orAbsent, ratio } from "./bench.ts";
import { createVolume, filesOf, temporaryRoot } from "./double/atomic-volume.ts";
import { openMountClient } from "./double/client.ts";
import { interleaveSamples, type Sampled } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";

/** Loads all keys once and answers the milliseconds until they could be read. */
type Load = (directory: string) => Promise<number>;

const keys: readonly string[] = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
const floor = "readFileSync loop";
const own = "Tacit ready(), 1,000 secrets";

/** contender -> how it loads a volume of 1,000 keys */
const loads: ReadonlyMap<string, Load> = new Map<string, Load>([
  [floor, async (directory) => timed(() => keys.map((key) => readFileSync(join(directory, key), "utf8")))],
  ["readFileSync below readlink(..data)", async (directory) => timed(() => readGeneration(directory))],
  [
    "Promise.all of readFile",
    (directory) => timed(() => Promise.all(keys.map((key) => readFile(join(directory, key), "utf8")))),
  ],
  ["readFile one by one", (directory) => timed(() => oneByOne(directory))],
  [own, tacitSecrets],
  ["Tacit ready(), 1 secret of 1,000 fields", tacitFields],
]);

/** P18: the first load of a volume with a thousand keys. */
export const bench: Bench = {
  id: "first-load",
  title: "First load of 1,000 mounted keys",
  repeats: 3,
  timeoutMs: 60_000,
  async run() {
    const absent: Absence[] = [];
    const root = temporaryRoot();
    const directory = join(root, "volume");
    createVolume(directory, filesOf(keys, 0));
    const sampled: Sampled[] = [];
    for (const [name, load] of loads) {
      const proof = await orAbsent(name, absent, () => load(directory));
      if (proof !== undefined) sampled.push({ name, sample: () => load(directory) });
    }
    const samples = await interleaveSamples(sampled);
    rmSync(root, { recursive: true, force: true });
    const of = (name: string): number | undefined => (samples.has(name) ? median(samples.get(name) ?? []) : undefined);
    const rows = [...samples.keys()].map((contender) => ({
      group: "First load of 1,000 mounted keys",
      contender,
      values: { ms: of(contender) ?? null, "x readFileSync loop": ratio(of(contender), of(floor)) ?? null },
    }));
    return { rows, goals: measured({ P18: ratio(of(own), of(floor)) }), absent };
  },
};

async function timed(read: () => readonly string[] | Promise<readonly string[]>): Promise<number> {
  const begin = performance.now();
  const values = await read();
  const spent = performance.now() - begin;
  if (values.length !== keys.length || values[999] !== "key-999-0") throw new Error("a load answered wrong values");
  return spent;
}

function readGeneration(directory: string): readonly string[] {
  const generation = join(directory, readlinkSync(join(directory, "..data")));
  return keys.map((key) => readFileSync(join(generation, key), "utf8"));
}

async function oneByOne(directory: string): Promise<readonly string[]> {
  const values: string[] = [];
  for (const key of keys) values.push(await readFile(join(directory, key), "utf8"));
  return values;
}

const secretDeclarations = Object.fromEntries(keys.map((key) => [key, { ref: `volume/${key}` }]));

async function tacitSecrets(directory: string): Promise<number> {
  const begin = performance.now();
  const client = await openMountClient(join(directory, ".."), secretDeclarations);
  await client.ready({ timeout: "30s" });
  const spent = performance.now() - begin;
  if (client.latest("key-999").reveal() !== "key-999-0") throw new Error("a load answered a wrong value");
  await client.close();
  return spent;
}

async function tacitFields(directory: string): Promise<number> {
  const { object } = await import("@tacit/core");
  const begin = performance.now();
  const client = await openMountClient(join(directory, ".."), { volume: { ref: "volume", as: object(keys) } });
  await client.ready({ timeout: "30s" });
  const spent = performance.now() - begin;
  const values = client.latest("volume").reveal() as Record<string, string>;
  if (values["key-999"] !== "key-999-0") throw new Error("a load answered a wrong value");
  await client.close();
  return spent;
}
