import { collectGarbage } from "../measure/heap.ts";
import { assertMasks, lineMaskers } from "../peers/line-maskers.ts";
import { type Mixture, registeredValues } from "../redact/registered-values.ts";

const registered = 1_000;
const [contender = "", mixture = "tokens"] = process.argv.slice(2);
const maskFor = lineMaskers.get(contender);
if (maskFor === undefined) throw new Error("no such masker");

/** A small one first, so that code and constant parts are there before the first measurement. */
const small = filled(10);
const before = inUse();
const large = filled(registered);
const bytes = inUse() - before;
// Both are alive until here, and do what they are for.
const sample = registeredValues(registered, mixture as Mixture).slice(0, 10);
for (const mask of [small, large]) assertMasks(contender, mask, sample);
process.stdout.write(`${JSON.stringify({ "kB per value": bytes / registered / 1_000 })}\n`);
process.exit(0);

/** The values themselves go with this call, as they do when a Secret was revealed; the first line is part of it. */
function filled(count: number): (text: string) => string {
  const mask = maskFor?.(registeredValues(count, mixture as Mixture)) ?? String;
  for (let line = 0; line < 3; line++) mask("a clean line\n");
  return mask;
}

/** Heap, and what lies outside of it: the memory of array buffers is part of `external`. */
function inUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
