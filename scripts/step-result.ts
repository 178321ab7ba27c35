/** What one step of .ci/run contributes to the sum. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What a step left behind. */
export interface StepResult {
  readonly name: string;
  readonly exitStatus: number;
  /** What it printed. */
  readonly output: string;
  /** The JSON report of a test runner, where it wrote one. */
  readonly report?: TestReport | undefined;
}

/** The part of vitest's JSON report that is counted. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts a step: the tests of its report, else the checks of its last `N passed, N failed` line, else the step itself.
 * A step that failed without a failure to show for it counts as one failure more.
 */
export function countStep(step: StepResult): Count {
  const count = step.report === undefined ? printedCount(step.output) : reportedCount(step.report);
  if (count === undefined) return step.exitStatus === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const silent = step.exitStatus !== 0 && count.failed === 0;
  return silent ? { passed: count.passed, failed: 1 } : count;
}

/** The sum of all steps. */
export function sumSteps(steps: readonly StepResult[]): Count {
  return steps
    .map(countStep)
    .reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }), {
      passed: 0,
      failed: 0,
    });
}

/** A file that could not be loaded has no failed test of its own, so it counts as one. */
function reportedCount(report: TestReport): Count {
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

function printedCount(output: string): Count | undefined {
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  return last === undefined ? undefined : { passed: Number(last[1]), failed: Number(last[2]) };
}
