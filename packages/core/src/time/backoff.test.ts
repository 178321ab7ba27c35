import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffMs, retryAfterFloorMs } from "./backoff.ts";

const lowest = (): number => 0;
const highest = (): number => 1 - Number.EPSILON;

describe("the wait after a failure", () => {
  test.each([
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 2_000, 4_000],
    [6, 16_000, 32_000],
    [7, 30_000, 60_000],
    [8, 30_000, 60_000],
    [1_000_000, 30_000, 60_000],
    [Number.MAX_SAFE_INTEGER, 30_000, 60_000],
  ])("after failure %d lies between %d and %d ms", (failures, least, most) => {
    expect(backoffMs(failures, lowest)).toBe(least);
    expect(backoffMs(failures, highest)).toBeCloseTo(most, 3);
  });

  test("is never under half a second nor over a minute, whatever is counted", () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const wait = backoffMs(failures, () => random);
          expect(wait).toBeGreaterThanOrEqual(500);
          expect(wait).toBeLessThanOrEqual(60_000);
        },
      ),
    );
  });

  test.each([
    ["seconds become a floor", 7_000, 7_000],
    ["zero is no floor", 0, 500],
    ["a negative one is ignored", -5_000, 500],
    ["garbage is ignored", Number.NaN, 500],
    ["one shorter than the backoff is ignored", 100, 500],
    ["an absurd one is capped at five minutes", 1e12, 300_000],
    ["an infinite one is capped at five minutes", Number.POSITIVE_INFINITY, 300_000],
  ])("Retry-After: %s", (_title, retryAfterMs, expected) => {
    expect(backoffMs(1, lowest, retryAfterMs)).toBe(expected);
  });

  test("jitter only prolongs a Retry-After, by at most a quarter", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 60_000, max: 300_000 }),
        (random, floor) => {
          const wait = backoffMs(1, () => random, floor);
          expect(wait).toBeGreaterThanOrEqual(floor);
          expect(wait).toBeLessThanOrEqual(floor * 1.25);
        },
      ),
    );
  });

  test("the floor itself is capped and never negative", () => {
    expect([retryAfterFloorMs(-1), retryAfterFloorMs(Number.NaN), retryAfterFloorMs(2 ** 53)]).toEqual([0, 0, 300_000]);
  });
});
