import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeepCopy } from "../../src/redact/deep-copy.ts";
import { Finder } from "../../src/redact/engine/finder.ts";
import { PatternIndex } from "../../src/redact/engine/pattern-index.ts";
import { PrefixTable } from "../../src/redact/engine/prefix-table.ts";
import { Unfinished } from "../../src/redact/engine/unfinished.ts";
import { LeakReports } from "../../src/redact/leak-reports.ts";
import { partsOf } from "../../src/redact/parts.ts";
import { Registry } from "../../src/redact/registry.ts";
import { HeldText } from "../../src/redact/stream/held-text.ts";
import { TextMasker } from "../../src/redact/text-masker.ts";
import { systemClock } from "../../src/time/clock.ts";
import { type HostileText, hostileValues, mixedTexts, repeatedTexts } from "./hostile-texts.ts";

const index = new PatternIndex();
const prefixes = new PrefixTable(index);
const registry = new Registry(index, Number.POSITIVE_INFINITY, systemClock);
for (const [number, value] of hostileValues.entries()) registry.add([...partsOf(value, "always")], `secret-${number}`);
const finder = new Finder(index, prefixes);
const masker = new TextMasker(finder, new LeakReports(undefined, systemClock));

/** Gives a text away, masked. */
type Way = (text: string) => unknown;

const ways: Readonly<Record<string, Way>> = {
  text: (text) => masker.mask(text, "text", "test"),
  JSON: (text) => masker.mask(JSON.stringify({ msg: text }), "json", "test"),
};
const slowWays: Readonly<Record<string, Way>> = {
  "a stream": (text) => {
    const held = new HeldText({
      finder,
      unfinished: new Unfinished(index, prefixes),
      marker: (pattern) => masker.marker(pattern),
      report: () => undefined,
    });
    let masked = "";
    for (let at = 0; at < text.length; at += 1_000) masked += held.push(text.slice(at, at + 1_000));
    return masked + held.end();
  },
  "a deep copy": (text) => {
    const copy = new DeepCopy({
      text: (one) => masker.mask(one, "text", "test"),
      binary: (one) => masker.mask(one, "text", "test"),
      isClean: () => false,
    });
    return copy.visit({ text, list: [{ [text.slice(0, 100)]: text }] });
  },
};

/** Characters looked at and compared; entering what waits is no part of it. */
function workOf(way: Way, text: string): number {
  const before = index.work;
  way(text);
  return index.work - before;
}

/** Longer than each value and than the slices in which a text is looked through. */
const short = 20_000;
const factor = 3;
/** Of each character, whatever the text; a stream and a copy look at some of it more than once. */
const mostWork = 150;
const mostWorkAgain = 400;
const manyTexts = 150;

/** What grows faster than a text, or is much for its length; what takes its square in another way never comes to its end. */
function faultsOf(texts: readonly HostileText[], way: Way, most: number): readonly string[] {
  return texts.flatMap(({ name, of }) => {
    const perCharacter = (length: number): number => workOf(way, of(length)) / length;
    const [little, much] = [perCharacter(short), perCharacter(factor * short)];
    // from some length on a text may be looked through once more, but no more often for that
    const grows = much > 1.5 * little && perCharacter(factor * factor * short) > 1.5 * much;
    return grows || much > most ? [`${name}: ${little.toFixed(0)}, then ${much.toFixed(0)} of each character`] : [];
  });
}

function sampleOf(texts: readonly HostileText[], most: number): readonly HostileText[] {
  const all = process.env.TACIT_ALL_SEEDS !== undefined;
  return fc.sample(fc.constantFrom(...texts), all ? manyTexts : most);
}

describe("the work for a text that repeats itself", () => {
  for (let line = 0; index.waiting > 0; line++) index.search(`line ${line}`);

  test.each(Object.entries(ways))(
    "grows with its length as %s",
    (_, way) => {
      expect(faultsOf(sampleOf(repeatedTexts, 8), way, mostWork)).toEqual([]);
      expect(faultsOf(sampleOf(mixedTexts, 8), way, mostWork)).toEqual([]);
    },
    1_200_000,
  );

  test.each(Object.entries(slowWays))(
    "grows with its length in %s",
    (_, way) => {
      expect(faultsOf(sampleOf(repeatedTexts, 4), way, mostWorkAgain)).toEqual([]);
    },
    1_200_000,
  );
});

test("a token with zeros is compared at few places of a dump of zeros", () => {
  const dumps = repeatedTexts.filter(({ name }) => name === JSON.stringify(["<Buffer ", "0"]));
  expect(dumps).toHaveLength(1);
  for (const way of Object.values(slowWays)) expect(faultsOf(dumps, way, mostWork)).toEqual([]);
});

describe("what looks at the whole of a text once it has begun", () => {
  const length = 200_000;
  test.each([
    ["a character under a number, then backslashes", `0:"${"\\".repeat(length)}`],
    ["backslashes, then what JSON.parse says", `${"\\".repeat(length)}" is not valid JSON`],
    ["numbers without an end", "115,51,".repeat(length / 7)],
    ["marks of omission", `100% ${"\u2026".repeat(length / 2)}`],
    ["quotes before marks of omission", `100% ${'"'.repeat(508)}...`.repeat(length / 512)],
  ])("comes to an end in time: %s", (_, text) => {
    // Work that grows with the square of the text would not end within the time limit of a test.
    expect(masker.mask(text, "text", "test").length).toBeGreaterThan(0);
  });
});
