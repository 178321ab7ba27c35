import { setImmediate } from "node:timers/promises";
import { heapAfterCollection } from "../measure/heap.ts";
import { memoryDesigns } from "../peers/memory-designs.ts";

const count = 100_000;
const prepare = memoryDesigns.get(process.argv[2] ?? "");
if (prepare === undefined) throw new Error("no such design");

/** A small one first, so that code and constant parts are there before the first measurement. */
const small = await prepare(100)();
const fill = prepare(count);
const heapBefore = heapAfterCollection();
const before = process.memoryUsage();
const held = await fill();
// What is under way for a moment after the last call is no part of what is held.
await setImmediate();
const heap = heapAfterCollection() - heapBefore;
const after = process.memoryUsage();
if (!(await small.holds()) || !(await held.holds())) throw new Error("the design does not hold what it should");
const perSecret = {
  "heap B": heap / count,
  "external B": (after.external - before.external) / count,
  "RSS B": (after.rss - before.rss) / count,
};
process.stdout.write(`${JSON.stringify(perSecret)}\n`);
process.exit(0);
