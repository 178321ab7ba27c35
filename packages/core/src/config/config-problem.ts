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
  /** The same beside a line number: `"/app/tacit.json" from TACIT_CONFIG`; absent for an object, which has no other name. */
  readonly place?: string | undefined;
  /** The document as it was written, for line numbers. */
  readonly text?: string | undefined;
}

/** An error for each problem, with its place: it may be told alone, so it says which file and line to open. */
export async function toErrors(
  { source, place, text }: ProblemSource,
  problems: readonly ConfigProblem[],
  context: { readonly provider?: string | undefined } = {},
): Promise<readonly SecretError[]> {
  const lines = await lineNumbers(
    text,
    problems.map(({ path }) => path),
  );
  return problems.map(({ path, message, reason, tip }, index) => {
    const subject = path.length === 0 ? source : `${formatPath(path)}${whereIn(place, lines[index])}:`;
    return new SecretError("INVALID_CONFIG", `${subject} ${message}`, { reason, tip, ...context });
  });
}

function whereIn(place: string | undefined, line: number | undefined): string {
  if (place === undefined) return "";
  return line === undefined ? ` (in ${place})` : ` (line ${line} of ${place})`;
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
