import { mkdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import { createVolume, filesOf, pairKeys, temporaryRoot } from "./double/atomic-volume.ts";
import { openMountClient } from "./double/client.ts";
import { openHandles } from "./measure/handles.ts";
import { heapAfterCollection } from "./measure/heap.ts";

/** One watch and its end. */
type Cycle = () => unknown;

const warm = 2_000;
const cycles = 10_000;
const own = ["Tacit watch of an alias", "Tacit watch of an undeclared reference"];

/** contender -> what makes its cycle */
const contenders: ReadonlyMap<string, () => Cycle | Promise<Cycle>> = new Map<string, () => Cycle | Promise<Cycle>>([
  ["fs.watch and close", rawWatch],
  ["AbortSignal.any with a listener", abortAny],
  ["Tacit watch of an alias", () => tacitCycle("password")],
  ["Tacit watch of an undeclared reference", () => tacitCycle("volume/username")],
]);

/** P24: what ten thousand watches leave behind. */
export const bench: Bench = {
  id: "cycles",
  title: "Watch and unwatch",
  flags: ["--expose-gc"],
  repeats: 1,
  timeoutMs: 150_000,
  async run() {
    const absent: Absence[] = [];
    const rows: Row[] = [];
    for (const [contender, prepare] of contenders) {
      const values = await orAbsent(contender, absent, async () => weigh(await prepare()));
      if (values !== undefined) rows.push({ group: "10,000 watches and their ends", contender, values });
    }
    const figures = rows.filter(({ contender }) => own.includes(contender)).map(({ values }) => values);
    if (figures.length === 0) return { rows, goals: {}, absent };
    const worst = (column: string): number => Math.max(...figures.map((values) => values[column] ?? 0));
    return { rows, goals: measured({ "P24.heap": worst("B/cycle"), "P24.handles": worst("handles left") }), absent };
  },
};

async function weigh(cycle: Cycle): Promise<Record<string, number>> {
  await repeat(cycle, warm);
  const handlesBefore = openHandles();
  const before = heapAfterCollection();
  await repeat(cycle, cycles);
  const perCycle = (heapAfterCollection() - before) / cycles;
  const handles = openHandles();
  const left =
    Math.max(0, handles.descriptors - handlesBefore.descriptors) +
    Math.max(0, handles.watches - handlesBefore.watches) +
    Math.max(0, handles.resources - handlesBefore.resources);
  return { "B/cycle": perCycle, "handles left": left };
}

async function repeat(cycle: Cycle, times: number): Promise<void> {
  for (let index = 0; index < times; index++) await cycle();
  await sleep(100);
}

function rawWatch(): Cycle {
  const directory = join(temporaryRoot(), "volume");
  mkdirSync(directory);
  writeFileSync(join(directory, "key"), "value");
  return () => watch(directory, () => {}).close();
}

function abortAny(): Cycle {
  const long = new AbortController();
  return () => AbortSignal.any([long.signal, AbortSignal.timeout(60_000)]).addEventListener("abort", () => {});
}

async function tacitCycle(reference: string): Promise<Cycle> {
  const root = temporaryRoot();
  createVolume(join(root, "volume"), filesOf(pairKeys, 0));
  const client = await openMountClient(root, { password: { ref: "volume/password" } });
  await client.ready();
  return async () => {
    const watched = client.watch(reference);
    watched.on("change", () => {});
    await watched.ready;
    await watched.close();
  };
}
