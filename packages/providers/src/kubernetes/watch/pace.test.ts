import { expect, test } from "vitest";
import { nextAttemptMs } from "./pace.ts";

const failed = (retryAfterMs?: number, isDenied = false) => ({ kind: "failed", isDenied, retryAfterMs }) as const;
const waits = (end: Parameters<typeof nextAttemptMs>[0], random: number): readonly number[] =>
  [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => nextAttemptMs(end, failures, () => random));

test("after failures, the waits double up to half a minute", () => {
  expect(waits(failed(), 1)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(waits(failed(), 0)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

test("the wait is at least the pause that the server requests, and at most four times that", () => {
  expect(waits(failed(2_000), 0)).toEqual([2_000, 2_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000]);
  expect(Math.max(...waits(failed(1_000), 1))).toBe(4_000);
  expect(Math.min(...waits(failed(100_000), 0))).toBe(100_000);
  expect(Math.max(...waits(failed(1), 1))).toBe(1_000);
});

test("the wait is up to a minute after a denial, and up to a second after the end of a watch", () => {
  expect(Math.max(...waits(failed(undefined, true), 1))).toBe(60_000);
  expect(waits({ kind: "ended" }, 0.5)).toEqual(Array(8).fill(500));
});
