/** Counts checks, tells about each one as it ends, and closes with one line that .ci/run can add up. */
export interface Tally {
  /** Runs one check; a throw or a rejection is its failure and ends nothing else. */
  check(title: string, run: () => void | Promise<void>): Promise<void>;
  /** Prints `N passed, N failed` and makes the process exit with 1 if any failed. */
  finish(): void;
}
/** Starts at zero and writes to standard output. */
export declare function createTally(): Tally;
