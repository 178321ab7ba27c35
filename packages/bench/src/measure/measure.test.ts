import { afterEach, expect, test, vi } from "vitest";
import { interleave, interleaveSamples, roundsWithin } from "./interleave.ts";
import { maskLoop } from "./mask-loop.ts";
import { median, percentile } from "./median.ts";
import { seededRandom } from "./random.ts";
import { asyncReadLoop, syncReadLoop } from "./read-loop.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("each contender is sampled once a round, and each begins a round in turn", async () => {
  const order: string[] = [];
  const contender = (name: string) => ({ name, sample: () => order.push(name) });
  const samples = await interleaveSamples([contender("a"), contender("b"), contender("c")], 3);
  expect(order.join("")).toBe("abcbcacab");
  expect(samples.get("a")).toEqual([1, 6, 8]);
});

test("one pause does not pass for the length of a batch", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const counts: number[] = [];
  const run = (count: number) => {
    vi.advanceTimersByTime(counts.length === 0 ? 500 : count);
    counts.push(count);
  };
  await interleave([{ name: "paused at first", run }], 1, 100);
  expect(counts.at(-1)).toBe(128);
});

test.each([
  [10, 100],
  [1, 150],
  [500, 25],
])("rounds of %d ms are as many as fit, within limits: %d", (roundMs, expected) => {
  expect(roundsWithin(1_000, roundMs, 25, 150)).toBe(expected);
});

test.each([
  [[5, 1, 3], 0.5, 3],
  [[1, 2, 3, 4], 0.5, 2],
  [[4, 3, 2, 1], 0.99, 4],
])("percentile of %j at %f is %d", (samples, share, expected) => {
  expect(percentile(samples, share)).toBe(expected);
});

test("no sample has no median", () => {
  expect(median([])).toBeNaN();
});

test("a read loop reads its keys round robin", () => {
  const read: string[] = [];
  const readAndNote = (key: string) => {
    read.push(key);
    return key;
  };
  syncReadLoop(readAndNote, ["x", "y"], "text")(3);
  expect(read).toEqual(["x", "y", "x"]);
});

test("a read loop throws when a read answers the wrong type", async () => {
  expect(() => syncReadLoop(() => undefined, ["x"], "text")(2)).toThrow("2 reads found nothing");
  await expect(asyncReadLoop(async () => ({}), ["x"], "text")(1)).rejects.toThrow("1 reads found nothing");
});

test("a read loop can take a secret as it is, or reveal it", () => {
  let revealed = 0;
  const read = () => ({ reveal: () => `s3cret-fixture-${revealed++}` });
  syncReadLoop(read, ["x"], "secret")(2);
  expect(revealed).toBe(0);
  syncReadLoop(read, ["x"], "revealed")(2);
  expect(revealed).toBe(2);
});

test("the seeded source repeats itself and stays in [0, 1)", () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
  expect(draw(42).every((value) => value >= 0 && value < 1)).toBe(true);
});

test("a mask loop masks its texts round robin, and joins one of several parts first", () => {
  const masked: string[] = [];
  const maskAndNote = (text: string) => {
    masked.push(text);
    return text;
  };
  maskLoop(maskAndNote, ["x", "yy"], [1, 2])(3);
  maskLoop(maskAndNote, [["a", "b", "c"]], [3])(1);
  expect(masked).toEqual(["x", "yy", "x", "abc"]);
});

test("a mask loop throws when a text comes out with another length", () => {
  expect(() => maskLoop(() => "short", ["a longer one"], [12])(2)).toThrow("2 texts came out wrong");
});
