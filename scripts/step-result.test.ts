import { expect, test } from "vitest";
import { countStep, failuresOf, type StepResult, sumSteps, type TestReport } from "./step-result.ts";

const passedTest = { status: "passed", fullName: "adds", failureMessages: [] as string[] };
const failedTest = {
  status: "failed",
  fullName: "keeps the last value",
  failureMessages: ["expected 1\n    at a.test.ts:3"],
};

function report(passed: number, status: string, tests: (typeof failedTest)[], message = ""): TestReport {
  return {
    numPassedTests: passed,
    numFailedTests: tests.filter((test) => test.status === "failed").length,
    testResults: [{ name: "/src/a.test.ts", status, message, assertionResults: tests }],
  };
}

const green = report(7, "passed", [passedTest]);
const red = report(5, "failed", [failedTest, failedTest]);
const unloaded = report(5, "failed", [], "Cannot find module");

function step(exitStatus: number, more: Partial<StepResult> = {}): StepResult {
  return { name: "step", exitStatus, output: "", ...more };
}

test.each([
  ["a plain step that succeeds", step(0), { passed: 1, failed: 0 }],
  ["a plain step that fails", step(1), { passed: 0, failed: 1 }],
  ["a test run", step(0, { report: green }), { passed: 7, failed: 0 }],
  ["a test run with failed tests", step(1, { report: red }), { passed: 5, failed: 2 }],
  ["a test file that does not load", step(1, { report: unloaded }), { passed: 5, failed: 1 }],
  ["a test run that fails outside of any test", step(1, { report: green }), { passed: 7, failed: 1 }],
  ["a run that dies before it reports", step(124), { passed: 0, failed: 1 }],
  ["a step that counts by itself", step(0, { output: "ok a\n3 passed, 0 failed\n" }), { passed: 3, failed: 0 }],
  ["one that counts failures", step(1, { output: "3 passed, 2 failed\n[fail] exit 1\n" }), { passed: 3, failed: 2 }],
  ["one that counts and then dies", step(1, { output: "3 passed, 0 failed\n" }), { passed: 3, failed: 1 }],
])("counts %s", (_title, result, expected) => {
  expect(countStep(result)).toEqual(expected);
});

test("adds the steps up", () => {
  expect(sumSteps([step(0), step(1, { report: red }), step(0, { report: green })])).toEqual({ passed: 13, failed: 2 });
});

test.each([
  ["a step that succeeds", step(0, { output: "all is well\n" }), []],
  [
    "a step with no count of its own",
    step(2, { output: "src/a.ts(1,1): error TS2322\n" }),
    ["src/a.ts(1,1): error TS2322"],
  ],
  [
    "a failed test",
    step(1, { report: report(1, "failed", [passedTest, failedTest]) }),
    ["/src/a.test.ts: keeps the last value\nexpected 1\n    at a.test.ts:3"],
  ],
  ["a test file that does not load", step(1, { report: unloaded }), ["/src/a.test.ts\nCannot find module"]],
  ["a run that fails outside of any test", step(1, { report: green, output: "unhandled\n" }), ["unhandled"]],
  [
    "a failed check",
    step(1, { output: "ok      one\nFAILED  two\n        why\n1 passed, 1 failed\n" }),
    ["two\n        why"],
  ],
])("names the failures of %s", (_title, result, expected) => {
  expect(failuresOf(result)).toEqual(expected);
});
