import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createPattern, type Pattern } from "./pattern.ts";
import { PatternIndex } from "./pattern-index.ts";

const many = 200;

function added(index: PatternIndex): readonly Pattern[] {
  const patterns = Array.from({ length: many }, (_, number) =>
    createPattern({ content: `s3cret-fixture-${number}-value`, isWhole: true, isDocument: false, isWord: false }),
  );
  for (const pattern of patterns) index.add(pattern);
  return patterns;
}

const entered = (patterns: readonly Pattern[]): number => patterns.filter(({ id }) => id >= 0).length;

test("many patterns are entered in turns of the event loop, some in each, before anything is searched", async () => {
  const patterns = added(new PatternIndex());
  expect(entered(patterns)).toBe(0);
  await turn();
  await turn();
  expect(entered(patterns)).toBeGreaterThan(0);
  expect(entered(patterns)).toBeLessThan(many / 2);
  for (let turns = 0; turns < many; turns++) await turn();
  expect(entered(patterns)).toBe(many);
});

test("a search finds them all at once, in the middle of it too", async () => {
  for (const turns of [0, 3]) {
    const index = new PatternIndex();
    const patterns = added(index);
    for (let done = 0; done < turns; done++) await turn();
    const found = index.search(`x s3cret-fixture-${many - 1}-value y`);
    expect(found.map(({ pattern }) => pattern)).toContain(patterns.at(-1));
    expect(entered(patterns)).toBe(many);
  }
});

test("those that are removed before their turn are never entered", async () => {
  const index = new PatternIndex();
  const patterns = added(index);
  for (const pattern of patterns) index.remove(pattern);
  for (let turns = 0; turns < many; turns++) await turn();
  expect(entered(patterns)).toBe(0);
  expect(index.isEmpty).toBe(true);
});
