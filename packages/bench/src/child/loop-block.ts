import { rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createVolume, filesOf, temporaryRoot } from "../double/atomic-volume.ts";
import { sharedNow, startWriter } from "../double/writer.ts";
import { median } from "../measure/median.ts";
import { scaleWatchers } from "../peers/scale-watchers.ts";

const watcher = scaleWatchers.get(process.argv[2] ?? "");
if (watcher === undefined) throw new Error("no such watcher");
const root = temporaryRoot();
const directory = join(root, "volume");
const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}`);
createVolume(directory, filesOf(keys, 0));

/** The end of the values that are waited for, and the files that told one. */
let awaited = "";
const fresh = new Set<string>();
const stop = await watcher({ directories: [directory], keys }, (file, value) => {
  if (awaited !== "" && value.endsWith(awaited)) fresh.add(file);
});
await using writer = startWriter();
await sleep(1_000);
const quiet = await longestBlock(() => sleep(1_000));
const blocks: number[] = [];
const totals: number[] = [];
for (let generation = 1; generation <= 5; generation++) {
  blocks.push((await longestBlock(() => rotate(generation))) - quiet);
  await sleep(200);
}
await stop();
rmSync(root, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ "longest block ms": median(blocks), "all told ms": median(totals) })}\n`);
process.exit(0);

async function rotate(generation: number): Promise<void> {
  awaited = `-${generation}`;
  fresh.clear();
  const order = writer.order({ kind: "swap", directories: [directory], generation, keys });
  const renamedAt = await order;
  const until = sharedNow() + 8_000;
  while (fresh.size < keys.length && sharedNow() < until) await sleep(2);
  if (fresh.size < keys.length) throw new Error(`only ${fresh.size} of ${keys.length} keys told`);
  totals.push(sharedNow() - renamedAt);
}

/** The longest gap between two turns of the event loop while something ran, in milliseconds. */
async function longestBlock(during: () => Promise<unknown>): Promise<number> {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  await during();
  monitor.disable();
  return monitor.max / 1e6;
}
