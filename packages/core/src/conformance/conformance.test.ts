import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { answerMutants } from "../../test/mutants/answer-mutants.ts";
import { batchMutants } from "../../test/mutants/batch-mutants.ts";
import { callMutants } from "../../test/mutants/call-mutants.ts";
import { errorMutants } from "../../test/mutants/error-mutants.ts";
import { hintMutants } from "../../test/mutants/hint-mutants.ts";
import { leakMutants } from "../../test/mutants/leak-mutants.ts";
import { leaseMutants } from "../../test/mutants/lease-mutants.ts";
import { type Mutant, memoryHarness, supportsOf } from "../../test/mutants/mutant.ts";
import { optionMutants } from "../../test/mutants/option-mutants.ts";
import { ConformanceFailure } from "./assertions.ts";
import { conformanceReport, providerConformance } from "./index.ts";

const mutants: readonly Mutant[] = [
  ...answerMutants,
  ...errorMutants,
  ...callMutants,
  ...hintMutants,
  ...leakMutants,
  ...leaseMutants,
  ...batchMutants,
  ...optionMutants,
];
const healthy = providerConformance(memoryHarness(), supportsOf());

describe("a healthy adapter", () => {
  for (const { id, skip, run } of healthy.filter((each) => each.skip === undefined)) {
    test(`passes ${id}`, async () => {
      expect(skip).toBeUndefined();
      await run();
    });
  }
});

describe("a mutant", () => {
  for (const mutant of mutants) {
    test.each(mutant.caughtBy)(`that ${mutant.name} is caught by %s`, async (id) => {
      const cases = providerConformance(memoryHarness(mutant), supportsOf(mutant));
      const found = cases.find((each) => each.id === id);
      expect(found?.skip).toBeUndefined();
      const failure = await found?.run().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(ConformanceFailure);
    });
  }
});

test("every case is failed by some mutant", () => {
  const caught = new Set(mutants.flatMap(({ caughtBy }) => caughtBy));
  expect(healthy.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
});

test("case ids are unique", () => {
  const ids = healthy.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a case that cannot apply tells why", () => {
  const { deny: _deny, payloads: _payloads, ...harness } = memoryHarness();
  const cases = providerConformance(
    { ...harness, acceptsBytes: (bytes) => (bytes.includes(0) ? "it cannot hold NUL" : true), lacks: ["check"] },
    { ...supportsOf(), subscribe: false, conditional: false, leases: false, batch: undefined, payload: "value" },
  );
  const reasons = Object.fromEntries(cases.map(({ id, skip }) => [id, skip]));
  expect(reasons).toMatchObject({
    "errors.denied": "the harness has no deny",
    "round-trip.value.all-bytes": "it cannot hold NUL",
    "round-trip.kind.fields-1": 'supports.payload is "value"',
    "lifecycle.check-well": "the provider has no check",
    "hints.successive": "supports.subscribe is false",
    "versions.not-modified": "supports.conditional is false",
    "versions.unsupported": "supports.versions is true",
    "leases.renew": "supports.leases is not set",
    "batch.answers": "supports.batch is not set",
  });
});

test("what an adapter throws unexpectedly is told without its message", async () => {
  const harness = memoryHarness({
    name: "quotes the value",
    caughtBy: [],
    provider: (provider) => ({ ...provider, get: () => Promise.reject(new TypeError("s3cret-fixture at line 1")) }),
  });
  const found = providerConformance(harness, supportsOf()).find(({ id }) => id === "versions.stable");
  const failure = await found?.run().catch((error: unknown) => error);
  expect(inspect(failure)).toContain("an unexpected TypeError was thrown");
  expect(inspect(failure)).not.toContain("s3cret");
});

test("the report lists every case with its outcome", () => {
  const run = async (): Promise<void> => undefined;
  const cases = [
    { id: "a.good", title: "it works", run },
    { id: "a.bad", title: "it does not", run },
    { id: "a.none", title: "it cannot", skip: "there is none", run },
  ];
  expect(conformanceReport("map", cases, new Set(["a.bad"]))).toBe(
    [
      "map: 1 passed, 1 failed, 1 skipped",
      "  passed   a.good: it works",
      "  FAILED   a.bad: it does not",
      "  skipped  a.none: there is none",
      "",
    ].join("\n"),
  );
});
