import { interleave, type Timed } from "../measure/interleave.ts";
import { type Mask, maskLoop } from "../measure/mask-loop.ts";
import { assertMasks, lineMaskers } from "../peers/line-maskers.ts";
import { jsonBody, logFile } from "../redact/long-texts.ts";
import { registeredValues } from "../redact/registered-values.ts";

const length = 1_000_000;
const rounds = 11;
/** column -> texts that take turns, so that not one alone stays in the cache of the processor */
const texts: Readonly<Record<string, readonly string[]>> = {
  "one line of JSON, GB/s": [1, 2, 3, 4].map((seed) => jsonBody(length, seed)),
  "log lines, GB/s": [logFile(length)],
};

const values = registeredValues(Number(process.argv[2]), "tokens");
const contenders = new Map<string, Mask>();
for (const name of ["one RegExp", "Tacit redact"]) {
  const mask = lineMaskers.get(name)?.(values);
  if (mask === undefined) throw new Error("no such masker");
  assertMasks(name, mask, values);
  contenders.set(name, mask);
}
const timings = await interleave(
  [...contenders].flatMap(([name, mask]) => timedOf(name, mask)),
  rounds,
);
const figures = [...contenders.keys()].map((name) => [
  name,
  Object.fromEntries(Object.keys(texts).map((column) => [column, bytesPerNanosecond(`${name}/${column}`)])),
]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(figures))}\n`);
process.exit(0);

function timedOf(name: string, mask: Mask): readonly Timed[] {
  return Object.entries(texts).map(([column, ofColumn]) => ({
    name: `${name}/${column}`,
    run: maskLoop(
      mask,
      ofColumn,
      ofColumn.map((text) => text.length),
    ),
  }));
}

/** The texts are ASCII. */
function bytesPerNanosecond(name: string): number {
  return length / (timings.get(name)?.median ?? Number.NaN);
}
