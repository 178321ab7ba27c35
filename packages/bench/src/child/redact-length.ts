import { interleaveSamples, roundsWithin, type Sampled } from "../measure/interleave.ts";
import { redactorOf } from "../peers/line-maskers.ts";
import { longTexts, periodicValue } from "../redact/long-texts.ts";
import { registeredValues } from "../redact/registered-values.ts";

const short = 65_536;
const factor = 16;
const budgetMs = 2_000;

const textOf = longTexts.get(process.argv[2] ?? "");
if (textOf === undefined) throw new Error("no such text");
const redactor = redactorOf([...registeredValues(100, "mixed"), periodicValue]);
const asText = (text: string): string => redactor.redact(text);
const asLine = (text: string): string => redactor.redactJson(text);
const asJson = (text: string): string => JSON.stringify({ level: 30, msg: text });
/** A text is given as it is, as a line of JSON that it may not be, and inside of one. */
const small = { text: textOf(short), json: asJson(textOf(short)) };
const large = { text: textOf(short * factor), json: asJson(textOf(short * factor)) };
const ways = [
  ...pair("redact", asText, small.text, large.text),
  ...pair("redactJson", asLine, small.text, large.text),
  ...pair("redactJson, in a string", asLine, small.json, large.json),
];
const start = performance.now();
for (const { sample } of ways) await sample();
const samples = await interleaveSamples(ways, roundsWithin(budgetMs, performance.now() - start, 9, 41));
const figures = ["redact", "redactJson", "redactJson, in a string"].map((way) => {
  return [`${way}, x 64 kB`, best(`${way}, long`) / best(`${way}, short`)];
});
const slowest = Math.max(...["redact", "redactJson"].map((way) => best(`${way}, long`)));
process.stdout.write(`${JSON.stringify({ ...Object.fromEntries(figures), "slowest, ms per MB": slowest })}\n`);
process.exit(0);

/** The short text is masked as often as it takes to come to the length of the long one. */
function pair(way: string, mask: (text: string) => string, shortText: string, longText: string): readonly Sampled[] {
  const millisecondsOf = (text: string, times: number): number => {
    const begin = performance.now();
    for (let time = 0; time < times; time++) {
      if (mask(text) === "") throw new Error("nothing came out");
    }
    return (performance.now() - begin) / times;
  };
  return [
    { name: `${way}, short`, sample: () => millisecondsOf(shortText, factor) },
    { name: `${way}, long`, sample: () => millisecondsOf(longText, 1) },
  ];
}

/** A neighbour only ever adds, and what grows with the square of the length does so in the best sample too. */
function best(name: string): number {
  return Math.min(...(samples.get(name) ?? []));
}
