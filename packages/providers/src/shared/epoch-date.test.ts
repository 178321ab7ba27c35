import { expect, test } from "vitest";
import { epochDate } from "./epoch-date.ts";

test.each([
  [1.5, 1500],
  ["1.5", 1500],
  ["1700000000", 1_700_000_000_000],
])("%j becomes a date", (seconds, ms) => {
  expect(epochDate(seconds)?.getTime()).toBe(ms);
});

test.each([
  undefined,
  null,
  "",
  "soon",
  0,
  -1,
  true,
  [7],
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
  8.64e12 + 1,
])("%j becomes no date", (seconds) => {
  expect(epochDate(seconds)).toBeUndefined();
});
