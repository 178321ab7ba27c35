import { reportProblems } from "../error/problems.ts";
import { SecretError } from "../error/secret-error.ts";
import { formatPath, isWithin, type JsonPath } from "./json-path.ts";
import { lineNumbers } from "./line-numbers.ts";

/** A problem of a config document. Its texts may contain keys, but no values of the document. */
export interface ConfigProblem {
  readonly path: JsonPath;
  /** The text after the path: `must be text`. */
  readonly message: string;
  /** The reason of the INVALID_CONFIG error; docs/errors.md lists them. */
  readonly reason: string;
  readonly tip?: string | undefined;
}

/** The document of a problem. */
export interface ProblemSource {
  /** The description in messages: `the config file "/app/tacit.json" (from TACIT_CONFIG)`. */
  readonly source: string;
  /** The description after a line number: `"/app/tacit.json" from TACIT_CONFIG`; undefined for an object. */
  readonly place?: string | undefined;
  /** The text of the document, for line numbers. */
  readonly text?: string | undefined;
}

/** Converts problems to errors. Each contains the file and line, since it may be reported separately. */
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

/** Returns an INVALID_CONFIG error with all problems in its message and under `errors`. */
export function documentError(source: string, problems: readonly SecretError[], provider?: string): SecretError {
  const reason = problems.length === 1 ? problems[0]?.reason : "invalid";
  const headline = `${source} is not valid`;
  return reportProblems({ code: "INVALID_CONFIG", headline, problems }, { reason, provider });
}

/** Returns the causes, and those of the other problems that are not at or below the path of a cause. */
export function withoutConsequences(
  causes: readonly ConfigProblem[],
  others: readonly ConfigProblem[],
): readonly ConfigProblem[] {
  const independent = others.filter((problem) => !causes.some((cause) => isWithin(problem.path, cause.path)));
  return [...causes, ...independent];
}
