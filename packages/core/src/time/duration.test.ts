import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import { type Duration, parseDuration, toMilliseconds } from "./duration.ts";

function failure(text: unknown, options?: { zero?: boolean }): SecretError {
  try {
    parseDuration(text, options);
  } catch (error) {
    if (isSecretError(error, "INVALID_CONFIG")) return error;
  }
  throw new Error("expected INVALID_CONFIG");
}

describe("parseDuration", () => {
  test.each([
    ["1ms", 1],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["90d", 7_776_000_000],
    ["36500d", 3_153_600_000_000],
    ["007s", 7000],
  ])("reads %s as %d ms", (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each([
    [Number.NaN, "bare number"],
    [-1, "bare number"],
    [0, "bare number"],
    [10, "bare number"],
    [Number.POSITIVE_INFINITY, "bare number"],
    [true, "must be text"],
    [null, "must be text"],
    [undefined, "must be text"],
    [{}, "must be text"],
    [["5m"], "must be text"],
    ["", "is empty"],
    ["  ", "is empty"],
    [" 5m", "spaces around"],
    ["5m\n", "spaces around"],
    ["-5m", "negative"],
    ["10", "needs a unit"],
    ["1.5h", "whole number"],
    ["5 m", "whole number followed by"],
    ["5min", "whole number followed by"],
    ["5M", "whole number followed by"],
    ["1h30m", "whole number followed by"],
    ["1e3s", "whole number followed by"],
    ["Infinity", "whole number followed by"],
    ["9999999999999999s", "whole number followed by"],
    ["0s", "longer than zero"],
    ["0ms", "longer than zero"],
    ["36501d", "100 years"],
    ["999999999999999d", "100 years"],
  ])("refuses %j with a clear text", (text, fault) => {
    const error = failure(text);
    expect(error.message).toContain(fault);
    expect(error).toMatchObject({ reason: "duration", tip: expect.stringContaining('"5m"') });
  });

  test("accepts zero only where the key documents it", () => {
    expect(parseDuration("0s", { zero: true })).toBe(0);
    expect(failure("0s", { zero: false }).message).toContain("longer than zero");
  });

  test("never quotes what it was given", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (noise) => {
        const error = failure(`s3cret-fixture${noise}`);
        expect(`${error.message}${error.tip}${error.stack}`).not.toContain("s3cret-fixture");
      }),
    );
  });
});

describe("toMilliseconds", () => {
  test.each([
    ["30s", 30_000],
    ["1ms", 1],
    [250, 250],
    [0.5, 0.5],
  ] as const)("reads %j as %d ms", (duration, expected) => {
    expect(toMilliseconds(duration, "`grace`")).toBe(expected);
  });

  test("takes zero only where it makes sense", () => {
    expect(toMilliseconds(0, "`grace`", { zero: true })).toBe(0);
    expect(toMilliseconds("0s", "`grace`", { zero: true })).toBe(0);
  });

  test.each([
    [0, "must be longer than zero"],
    ["0s", "must be longer than zero"],
    [-1, "must not be negative"],
    [Number.NaN, "must be a finite number of milliseconds"],
    [Number.POSITIVE_INFINITY, "must be a finite number of milliseconds"],
    [1e15, "must not be longer than 100 years (36500d)"],
    ["30", "needs a unit"],
    [null, "must be text with a unit, or a number of milliseconds"],
    [{}, "must be text with a unit, or a number of milliseconds"],
    [5n, "must be text with a unit, or a number of milliseconds"],
  ])("refuses %s and names the option", (duration, fault) => {
    const error = { code: "INVALID_CONFIG", reason: "duration", message: `\`grace\` of derive ${fault}` };
    expect(() => toMilliseconds(duration as Duration, "`grace` of derive")).toThrow(expect.objectContaining(error));
  });
});
