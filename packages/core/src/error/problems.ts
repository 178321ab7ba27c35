import {
  isSecretError,
  SecretError,
  type SecretErrorCode,
  type SecretErrorOptions,
  withErrorContext,
} from "./secret-error.ts";

/** Several problems to report in one error. */
export interface ProblemReport {
  readonly code: SecretErrorCode;
  /** The text before the list. */
  readonly headline: string;
  readonly problems: readonly SecretError[];
  /** Formats one problem as one line. Default: its message. */
  readonly line?: (problem: SecretError) => string;
}

/** The most problems listed in the message; `errors` contains all of them. */
const mostListed = 50;

/**
 * Returns one error for all problems. Its message lists each problem with its tip, so that a log of the message alone is
 * complete.
 */
export function reportProblems(
  { code, headline, problems, line = ({ message }) => message }: ProblemReport,
  options: Pick<SecretErrorOptions, "reason" | "retryable" | "provider">,
): SecretError {
  const listedTips = new Set<string>();
  const list = problems.slice(0, mostListed).map((problem) => `\n  - ${line(problem)}${tipOf(problem, listedTips)}`);
  if (problems.length > mostListed) list.push(`\n  - and ${problems.length - mostListed} more`);
  const error = new SecretError(code, `${headline}:${list.join("")}`, { ...options, errors: problems.map(listed) });
  // The message already contains the tip.
  if (problems.length === 1) Object.defineProperty(error, "tip", { value: problems[0]?.tip, enumerable: false });
  return error;
}

/** Counts problems: "1 problem", "2 problems". */
export function countOf(problems: readonly unknown[]): string {
  return problems.length === 1 ? "1 problem" : `${problems.length} problems`;
}

/** Returns the line of a problem's tip; empty if an earlier problem has the same tip. */
function tipOf({ tip }: SecretError, listedTips: Set<string>): string {
  if (tip === undefined || listedTips.has(tip)) return "";
  listedTips.add(tip);
  return `\n      ${tip}`;
}

/** Copies a problem for `errors`: without stack frames and without the enumerable fields that the report's message repeats. */
function listed(problem: SecretError): SecretError {
  const copy = withErrorContext(problem, {});
  copy.stack = `${copy.name}: ${copy.message}`;
  // The message already describes a cause that is a SecretError.
  if (isSecretError(copy.cause)) Reflect.deleteProperty(copy, "cause");
  for (const key of ["issues", "retryable", "definitive", "scope", "status", "retryAfterMs", "tip"] as const) {
    if (Object.hasOwn(copy, key)) Object.defineProperty(copy, key, { enumerable: false });
  }
  return copy;
}
