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
    /** The absolute path of the test file. */
    readonly name: string;
    readonly status: string;
    /** Why the file did not load. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
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

/**
 * Names the failures of a step, each with what was printed of it: the tests of its report, else the checks of its output,
 * else the end of its output. The end of a long log then suffices to see what to repair.
 */
export function failuresOf(step: StepResult): string[] {
  if (countStep(step).failed === 0) return [];
  const named = step.report === undefined ? printedFailures(step.output) : reportedFailures(step.report);
  return named.length > 0 ? named : [lastLines(step.output)];
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
  const unloaded = report.testResults.filter(isUnloaded);
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

function reportedFailures(report: TestReport): string[] {
  return report.testResults.flatMap((file) => {
    if (isUnloaded(file)) return [`${file.name}\n${firstLines(file.message)}`];
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    return failed.map((test) => `${file.name}: ${test.fullName}\n${firstLines(test.failureMessages.join("\n"))}`);
  });
}

function isUnloaded({ status, assertionResults }: TestReport["testResults"][number]): boolean {
  return status === "failed" && !assertionResults.some((test) => test.status === "failed");
}

function printedCount(output: string): Count | undefined {
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  return last === undefined ? undefined : { passed: Number(last[1]), failed: Number(last[2]) };
}

/** A failed check is one line, and the indented ones below it are its message. */
function printedFailures(output: string): string[] {
  return [...output.matchAll(/^FAILED {2}(.*(?:\n {8}.*)*)/gm)].map((match) => firstLines(match[1] ?? ""));
}

const SHOWN_LINES = 30;

function firstLines(text: string): string {
  return text.split("\n").slice(0, SHOWN_LINES).join("\n");
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
}
