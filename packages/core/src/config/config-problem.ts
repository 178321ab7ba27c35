import { reportProblems } from "../error/problems.ts";
import { SecretError } from "../error/secret-error.ts";
import { formatPath, isWithin, type JsonPath } from "./json-path.ts";
import { lineNumbers } from "./line-numbers.ts";

/** One thing wrong with a config document. Its texts name keys, never a value of the document. */
export interface ConfigProblem {
  readonly path: JsonPath;
  /** Follows the path: `must be text`. */
  readonly message: string;
  /** Finer than INVALID_CONFIG; docs/errors.md lists them. */
  readonly reason: string;
  readonly tip?: string | undefined;
}

/** The document that problems are about. */
export interface ProblemSource {
  /** What to open: `the config file "/app/tacit.json" (from TACIT_CONFIG)`. */
  readonly source: string;
  /** The document as it was written, for line numbers. */
  readonly text?: string | undefined;
}

/** An error for each problem, with its place. */
export async function toErrors(
  { source, text }: ProblemSource,
  problems: readonly ConfigProblem[],
  context: { readonly provider?: string | undefined } = {},
): Promise<readonly SecretError[]> {
  const lines = await lineNumbers(
    text,
    problems.map(({ path }) => path),
  );
  return problems.map(({ path, message, reason, tip }, index) => {
    const line = lines[index] === undefined ? "" : ` (line ${lines[index]})`;
    const place = path.length === 0 ? source : `${formatPath(path)}${line}:`;
    return new SecretError("INVALID_CONFIG", `${place} ${message}`, { reason, tip, ...context });
  });
}

/** One INVALID_CONFIG error that lists every problem, each also as an error of its own under `errors`. */
export function documentError(source: string, problems: readonly SecretError[], provider?: string): SecretError {
  const reason = problems.length === 1 ? problems[0]?.reason : "invalid";
  const headline = `${source} is not valid`;
  return reportProblems({ code: "INVALID_CONFIG", headline, problems }, { reason, provider });
}

/** Drops what follows from another problem: anything at or below a path that is already reported, and exact repeats. */
export function withoutConsequences(
  causes: readonly ConfigProblem[],
  others: readonly ConfigProblem[],
): readonly ConfigProblem[] {
  const independent = others.filter((problem) => !causes.some((cause) => isWithin(problem.path, cause.path)));
  return [...causes, ...independent];
}
