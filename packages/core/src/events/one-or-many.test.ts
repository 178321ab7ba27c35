import { expect, test } from "vitest";
import { listOf, type OneOrMany, withOne, withoutOne } from "./one-or-many.ts";

const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];

test("a single one is stored without an array, before others come and after they have left", () => {
  const one: OneOrMany<object> = withOne(undefined, a);
  expect(one).toBe(a);
  expect(withoutOne(withOne(one, b), b)).toBe(a);
  expect(withoutOne(one, a)).toBe(undefined);
  expect(listOf(withoutOne(one, a))).toEqual([]);
});

test("the order is that in which they came, and what is there is never changed", () => {
  const two = withOne(withOne<typeof a>(undefined, a), b);
  expect(listOf(withOne(two, c))).toEqual([a, b, c]);
  expect(listOf(two)).toEqual([a, b]);
});

test("one that came twice is removed once, and one that is not there not at all", () => {
  const twice = withOne(withOne(withOne<typeof a>(undefined, a), b), a);
  expect(listOf(withoutOne(twice, a))).toEqual([b, a]);
  expect(listOf(withoutOne(twice, c))).toEqual([a, b, a]);
});
