import { expect, test } from "vitest";
import { countStep, type StepResult, sumSteps, type TestReport } from "./step-result.ts";

const green: TestReport = {
  numPassedTests: 7,
  numFailedTests: 0,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};
const red: TestReport = {
  numPassedTests: 5,
  numFailedTests: 2,
  testResults: [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "failed" }] }],
};
const unloaded: TestReport = {
  numPassedTests: 5,
  numFailedTests: 0,
  testResults: [{ status: "failed", assertionResults: [] }],
};

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
