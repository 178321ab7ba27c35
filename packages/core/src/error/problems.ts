import {
  isSecretError,
  SecretError,
  type SecretErrorCode,
  type SecretErrorOptions,
  withErrorContext,
} from "./secret-error.ts";

/** What one error tells of several problems. */
export interface ProblemReport {
  readonly code: SecretErrorCode;
  /** What comes before the list. */
  readonly headline: string;
  readonly problems: readonly SecretError[];
  /** One problem on one line; default: its message. */
  readonly line?: (problem: SecretError) => string;
}

/** A message is for reading; the errors themselves are all kept. */
const mostListed = 50;

/**
 * Returns one error for all problems. Its message lists them, each with what to do about it, so that whoever logs the message alone
 * loses nothing.
 */
export function reportProblems(
  { code, headline, problems, line = ({ message }) => message }: ProblemReport,
  options: Pick<SecretErrorOptions, "reason" | "retryable" | "provider">,
): SecretError {
  const said = new Set<string>();
  const list = problems.slice(0, mostListed).map((problem) => `\n  - ${line(problem)}${tipOf(problem, said)}`);
  if (problems.length > mostListed) list.push(`\n  - and ${problems.length - mostListed} more`);
  const error = new SecretError(code, `${headline}:${list.join("")}`, { ...options, errors: problems.map(listed) });
  // It stands in the message already.
  if (problems.length === 1) Object.defineProperty(error, "tip", { value: problems[0]?.tip, enumerable: false });
  return error;
}

/** Counts problems: "1 problem", "2 problems". */
export function countOf(problems: readonly unknown[]): string {
  return problems.length === 1 ? "1 problem" : `${problems.length} problems`;
}

/** Each tip once: many problems have the same. */
function tipOf({ tip }: SecretError, said: Set<string>): string {
  if (tip === undefined || said.has(tip)) return "";
  said.add(tip);
  return `\n      ${tip}`;
}

/** Without frames, and with the fields that tell problems apart: the report has the rest in its message. */
function listed(problem: SecretError): SecretError {
  const copy = withErrorContext(problem, {});
  copy.stack = `${copy.name}: ${copy.message}`;
  // What it says of another SecretError is in its message.
  if (isSecretError(copy.cause)) Reflect.deleteProperty(copy, "cause");
  for (const key of ["issues", "retryable", "definitive", "scope", "status", "retryAfterMs", "tip"] as const) {
    if (Object.hasOwn(copy, key)) Object.defineProperty(copy, key, { enumerable: false });
  }
  return copy;
}
