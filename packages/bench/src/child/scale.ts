import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createVolume, filesOf, temporaryRoot } from "../double/atomic-volume.ts";
import { sharedNow, startWriter } from "../double/writer.ts";
import { inotifyWatches } from "../measure/handles.ts";
import { collectGarbage } from "../measure/heap.ts";
import { median } from "../measure/median.ts";
import { type Layout, scaleWatchers } from "../peers/scale-watchers.ts";

/** What watching a layout costs. */
export interface ScaleFigures {
  readonly setupMs: number;
  readonly rssMb: number;
  readonly watches: number;
  /** From the first rename to the last value; `null`: not within 10 s. */
  readonly deliveredMs: number | null;
  readonly cpuMs: number;
  /** Values told again for keys whose bytes had not changed; `null`: not tried. */
  readonly unchanged: number | null;
  /** Of one core; `null`: not tried. */
  readonly idlePercent: number | null;
}

const [name = "", volumes = "", keyCount = "", idle = ""] = process.argv.slice(2);
const watcher = scaleWatchers.get(name);
if (watcher === undefined) throw new Error("no such watcher");
const root = temporaryRoot();
const layout: Layout = {
  directories: Array.from({ length: Number(volumes) }, (_, index) => join(root, `volume-${index}`)),
  keys: Array.from({ length: Number(keyCount) }, (_, index) => `key-${index}`),
};
const total = layout.directories.length * layout.keys.length;
for (const directory of layout.directories) createVolume(directory, filesOf(layout.keys, 0));

/** The end of the values that are waited for, the files that told one, and when the last of them did. */
let awaited = "";
const fresh = new Set<string>();
let completeAt: number | undefined;
let calls = 0;
await using writer = startWriter();
await warmUp();
collectGarbage();
const rssBefore = process.memoryUsage.rss();
const begin = performance.now();
const stop = await watcher(layout, (file, value) => {
  calls++;
  if (awaited === "" || !value.endsWith(awaited)) return;
  fresh.add(file);
  if (fresh.size === total) completeAt ??= sharedNow();
});
const setupMs = performance.now() - begin;
collectGarbage();
const rssMb = (process.memoryUsage.rss() - rssBefore) / 2 ** 20;
const watches = inotifyWatches();
const idlePercent = Number(idle) > 0 ? await idleShare(Number(idle)) : null;
const swaps = await severalSwaps();
const unchanged = layout.keys.length > 1 && swaps.deliveredMs !== null ? await eventsWithoutChange() : null;
await stop();
rmSync(root, { recursive: true, force: true });
process.stdout.write(
  `${JSON.stringify({ setupMs, rssMb, watches, ...swaps, unchanged, idlePercent } satisfies ScaleFigures)}\n`,
);
process.exit(0);

/** The same watcher on one other volume, so that loading code does not count as setup. */
async function warmUp(): Promise<void> {
  const directory = join(temporaryRoot(), "warm");
  createVolume(directory, filesOf(["key-0"], 0));
  const end = await watcher?.({ directories: [directory], keys: ["key-0"] }, () => {});
  await end?.();
}

async function severalSwaps(): Promise<{ deliveredMs: number | null; cpuMs: number }> {
  const delivered: number[] = [];
  const cpu: number[] = [];
  for (let generation = 1; generation <= 5; generation++) {
    await sleep(120);
    const usage = process.cpuUsage();
    awaited = `-${generation}`;
    fresh.clear();
    completeAt = undefined;
    const asked = sharedNow();
    const order = writer.order({ kind: "swap", directories: layout.directories, generation, keys: layout.keys });
    const done = await completion(asked + 10_000);
    const renamedAt = await order;
    const used = process.cpuUsage(usage);
    cpu.push((used.user + used.system) / 1_000);
    if (done === undefined) return { deliveredMs: null, cpuMs: median(cpu) };
    delivered.push(done - (layout.directories.length === 1 ? renamedAt : asked));
  }
  return { deliveredMs: median(delivered), cpuMs: median(cpu) };
}

async function completion(until: number): Promise<number | undefined> {
  while (completeAt === undefined && sharedNow() < until) await sleep(1);
  return completeAt;
}

/** One key changes back to its first value; every other one is written again with the bytes that it has. */
async function eventsWithoutChange(): Promise<number> {
  await writer.order({ kind: "swap", directories: layout.directories, generation: 6, keys: layout.keys, changed: 1 });
  await sleep(300);
  calls = 0;
  await writer.order({ kind: "swap", directories: layout.directories, generation: 7, keys: layout.keys, changed: 1 });
  await sleep(500);
  return Math.max(0, calls - 1);
}

async function idleShare(windowMs: number): Promise<number> {
  const before = process.cpuUsage();
  await sleep(windowMs);
  const used = process.cpuUsage(before);
  return ((used.user + used.system) / 1_000 / windowMs) * 100;
}
