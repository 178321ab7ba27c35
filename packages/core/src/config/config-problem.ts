import { SecretError } from "../error/secret-error.ts";
import { formatPath, isWithin, type JsonPath } from "./json-path.ts";

/** One thing wrong with a config document. Its texts name keys, never a value of the document. */
export interface ConfigProblem {
  readonly path: JsonPath;
  /** Follows the path: `must be text`. */
  readonly message: string;
  /** Finer than INVALID_CONFIG; docs/errors.md lists them. */
  readonly reason: string;
  readonly tip?: string | undefined;
}

/** One INVALID_CONFIG error that lists every problem, each also as an error of its own under `errors`. */
export function configError(
  source: string,
  problems: readonly ConfigProblem[],
  context: { readonly provider?: string | undefined } = {},
): SecretError {
  const errors = problems.map(
    (problem) =>
      new SecretError("INVALID_CONFIG", `${formatPath(problem.path)}: ${problem.message}`, {
        reason: problem.reason,
        tip: problem.tip,
        ...context,
      }),
  );
  const listed = errors.slice(0, mostListed).map((error) => `\n  - ${error.message}`);
  if (errors.length > mostListed) listed.push(`\n  - and ${errors.length - mostListed} more`);
  const [only] = errors.length === 1 ? errors : [];
  return new SecretError("INVALID_CONFIG", `the configuration (${source}) is not valid:${listed.join("")}`, {
    reason: only?.reason ?? "invalid",
    tip: only?.tip ?? "Each entry of `errors` says what to do about one of them.",
    errors,
    ...context,
  });
}

/** Drops what follows from another problem: anything at or below a path that is already reported, and exact repeats. */
export function withoutConsequences(
  causes: readonly ConfigProblem[],
  others: readonly ConfigProblem[],
): readonly ConfigProblem[] {
  const independent = others.filter((problem) => !causes.some((cause) => isWithin(problem.path, cause.path)));
  return [...causes, ...independent];
}

/** A message is for reading; the errors themselves are all kept. */
const mostListed = 50;
