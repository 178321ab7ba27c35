import { interleave, type Timed } from "../measure/interleave.ts";
import { type Mask, maskLoop } from "../measure/mask-loop.ts";
import { assertMasks, lineMaskers } from "../peers/line-maskers.ts";
import { partsOf, requestLines } from "../redact/log-lines.ts";
import { type Mixture, registeredValues } from "../redact/registered-values.ts";

const pool = 200;
/** Short batches and many of them, as in redact-pino.ts; the first rounds also warm up. */
const rounds = 101;
const batchMs = 1;
/** column -> how many of the lines hold a value, and whether a line comes in the parts that a logger joins */
const columns: Readonly<Record<string, { readonly dirty: number; readonly inParts?: true }>> = {
  clean: { dirty: 0 },
  "clean, joined first": { dirty: 0, inParts: true },
  "1 % with a value": { dirty: pool / 100 },
  "5 % with a value": { dirty: pool / 20 },
};

const [count = "1", mixture = "tokens"] = process.argv.slice(2);
const values = registeredValues(Number(count), mixture as Mixture);
const masks = new Map<string, Mask>([["none", (text) => text]]);
for (const [contender, maskFor] of lineMaskers) {
  const mask = maskFor(values);
  assertMasks(contender, mask, values);
  masks.set(contender, mask);
}
const timings = await interleave(
  [...masks].flatMap(([contender, mask]) => timedOf(contender, mask)),
  rounds,
  batchMs,
);
const nanoseconds = (contender: string, column: string): number =>
  timings.get(`${contender}/${column}`)?.median ?? Number.NaN;
const added = [...lineMaskers.keys()].map((contender) => [
  contender,
  Object.fromEntries(
    Object.keys(columns).map((column) => [column, nanoseconds(contender, column) - nanoseconds("none", column)]),
  ),
]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(added))}\n`);
process.exit(0);

function timedOf(contender: string, mask: Mask): readonly Timed[] {
  return Object.entries(columns).map(([column, { dirty, inParts }]) => {
    const lines = linesWith(dirty);
    const lengths = lines.map((line) => mask(line).length);
    return { name: `${contender}/${column}`, run: maskLoop(mask, inParts ? lines.map(partsOf) : lines, lengths) };
  });
}

/** Request lines, of which some hold a value in a header, evenly spread. */
function linesWith(dirty: number): readonly string[] {
  const every = dirty === 0 ? Number.POSITIVE_INFINITY : pool / dirty;
  return requestLines(
    Array.from({ length: pool }, (_, index) => (index % every === 1 ? values[index % values.length] : undefined)),
  );
}
