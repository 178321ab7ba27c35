import { expect, test } from "vitest";
import { isBefore } from "./versions.ts";

test.each([
  ["9", "10", true],
  ["10", "9", false],
  ["10", "10", false],
  ["99999999999999999998", "99999999999999999999", true],
  ["9", undefined, false],
  ["a9", "b1", false],
  ["9", "", false],
  ["-1", "1", false],
])("%s before %s: %s", (version, other, expected) => {
  expect(isBefore(version, other)).toBe(expected);
});
