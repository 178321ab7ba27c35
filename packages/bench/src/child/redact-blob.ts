import { interleave, type Timed } from "../measure/interleave.ts";
import { maskLoop } from "../measure/mask-loop.ts";
import { assertMasks, lineMaskers } from "../peers/line-maskers.ts";
import { jsonBody, logFile } from "../redact/long-texts.ts";
import { registeredValues } from "../redact/registered-values.ts";

const length = 1_000_000;
const rounds = 11;
/** Long enough for a second text and more: the first one finds the cache full of what a neighbour read. */
const batchMs = 25;
/** Texts that take turns, so that not one alone stays in the cache of the processor. */
const texts: Readonly<Record<string, () => readonly string[]>> = {
  json: () => [1, 2, 3, 4].map((seed) => jsonBody(length, seed)),
  log: () => [logFile(length)],
};

const [count = "1", kind = "json"] = process.argv.slice(2);
const values = registeredValues(Number(count), "tokens");
const blobs = texts[kind]?.() ?? [];
const contenders = ["one RegExp", "Tacit redact"].map((name): Timed => {
  const mask = lineMaskers.get(name)?.(values);
  if (mask === undefined) throw new Error("no such masker");
  assertMasks(name, mask, values);
  const lengths = blobs.map((blob) => blob.length);
  return { name, run: maskLoop(mask, blobs, lengths) };
});
const timings = await interleave(contenders, rounds, batchMs);
// The texts are ASCII, so a character is a byte, and bytes in a nanosecond are GB in a second.
const figures = [...timings].map(([name, timing]) => [name, length / timing.median]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(figures))}\n`);
process.exit(0);
