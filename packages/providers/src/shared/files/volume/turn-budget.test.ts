import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurnBudget } from "./turn-budget.ts";

test("allows a fixed number of reads in each turn, in the order of the calls", async () => {
  const budget = createTurnBudget(2);
  const served: number[] = [];
  const take = (number: number): void => {
    const wait = budget.take();
    if (wait === undefined) served.push(number);
    else void wait.then(() => served.push(number));
  };
  for (const number of [1, 2, 3, 4, 5]) take(number);
  const turns: number[][] = [];
  for (let turn = 0; turn < 4; turn++) {
    turns.push(served.splice(0));
    if (turn === 1) take(6);
    await nextTurn();
  }
  expect(turns).toEqual([[1, 2], [3, 4], [5, 6], []]);
});

test("gives a full turn again after a pause", async () => {
  const budget = createTurnBudget(2);
  for (let round = 0; round < 3; round++) {
    expect([budget.take(), budget.take()]).toEqual([undefined, undefined]);
    await nextTurn();
  }
});
