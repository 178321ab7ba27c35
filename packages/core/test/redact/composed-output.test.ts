import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../../src/redact/redactor.ts";
import { leakCheck } from "../../src/testing/leak-check.ts";
import { compositions, pairs, printed, type Step, triples } from "./composed-output.ts";

/** Values that resist different steps. */
const values: Readonly<Record<string, string>> = {
  token: "Zq7xK2mNp4vT9wLb3Rd8",
  password: `s3cret "x's\\p <&>/fixture`,
  phrase: "alpha-12 bravo-34\ncharly56 delta-78",
};

function redactorOf(value: string): Redactor {
  const redactor = createRedactor();
  redactor.register(value, { name: "db" });
  return redactor;
}

const redactors = new Map(Object.values(values).map((value) => [value, redactorOf(value)]));

function isFound(value: string, text: string): boolean {
  try {
    leakCheck([value]).assertNoLeak(text);
    return false;
  } catch {
    return true;
  }
}

function nameOf(steps: readonly Step[]): string {
  return steps.map(({ name }) => name).join(", then ");
}

/** What the detector misses or the redactor leaves, by name. */
function faultsOf(kind: string, value: string, steps: readonly Step[]): readonly string[] {
  const text = printed(value, steps);
  const redactor = redactors.get(value) ?? redactorOf(value);
  const masked = redactor.redact(text);
  const faults: string[] = [];
  if (!isFound(value, text)) faults.push("not detected");
  if (isFound(value, masked)) faults.push("not masked");
  if (redactor.redact(`${text}\n 100%`) !== `${masked}\n 100%`) faults.push("masked by chance");
  return faults.map((fault) => `${fault}: ${kind} as ${nameOf(steps)}`);
}

describe("what is printed in two ways, one after the other", () => {
  test.each(Object.entries(values))("is detected and masked: %s", (kind, value) => {
    expect(pairs.flatMap((steps) => faultsOf(kind, value, steps))).toEqual([]);
  });
});

test("what is printed in two or three ways is detected, and masked wherever it stands", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.entries(values)), compositions, ([kind, value], steps) => {
      expect(faultsOf(kind, value, steps)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

// Each of them once: a sample of 150 met the two that were missed only in one run of thirty.
test.runIf(process.env.TACIT_ALL_SEEDS !== undefined).each(Object.entries(values))(
  "every three ways are detected and masked: %s",
  (kind, value) => {
    expect(triples.flatMap((steps) => faultsOf(kind, value, steps))).toEqual([]);
  },
  120_000,
);

test("what is printed three times in the same way is detected and masked", () => {
  const same = triples.filter((steps) => steps.every(({ name }) => name === steps[0]?.name));
  expect(
    Object.entries(values).flatMap(([kind, value]) => same.flatMap((steps) => faultsOf(kind, value, steps))),
  ).toEqual([]);
});
