import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { fourAtATime } from "./batch.ts";

test("results are in the order of the items, whichever call ends first", async () => {
  const call = async (item: number): Promise<number> => {
    for (let turns = item; turns < 6; turns += 1) await turn();
    return item * 2;
  };
  expect(await fourAtATime([0, 1, 2, 3, 4, 5], call)).toEqual([0, 2, 4, 6, 8, 10]);
});

test("no call starts after one has failed", async () => {
  const called: number[] = [];
  const items = Array.from({ length: 50 }, (_, index) => index);
  const calls = fourAtATime(items, async (item) => {
    called.push(item);
    await turn();
    if (item === 1) throw new Error("the store is down");
  });
  await expect(calls).rejects.toThrow("the store is down");
  // Further calls would start in these turns.
  for (let turns = 0; turns < 50; turns += 1) await turn();
  expect(called.length).toBeLessThan(9);
});
