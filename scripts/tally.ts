/** Counts checks, tells about each one as it ends, and closes with one line that .ci/run can add up. */
export interface Tally {
  /** Runs one check; a throw or a rejection is its failure and ends nothing else. */
  check(title: string, run: () => void | Promise<void>): Promise<void>;
  /** Prints `N passed, N failed` and makes the process exit with 1 if any failed. */
  finish(): void;
}

/** Starts at zero and writes to standard output. */
export function createTally(): Tally {
  let passed = 0;
  let failed = 0;
  return {
    async check(title, run) {
      try {
        await run();
        passed += 1;
        process.stdout.write(`ok      ${title}\n`);
      } catch (error) {
        failed += 1;
        process.stdout.write(`FAILED  ${title}\n${indent(error instanceof Error ? error.message : String(error))}\n`);
      }
    },
    finish() {
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
      process.exitCode = failed === 0 ? 0 : 1;
    },
  };
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "        ");
}
