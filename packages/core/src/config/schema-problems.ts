import type { StandardIssue } from "../contract/standard-schema.ts";
import { docsPage } from "../error/docs-page.ts";
import { nearest } from "../name/nearest.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { type DetailedIssue, issueText } from "./issue-text.ts";
import { type JsonPath, valueAt } from "./json-path.ts";
import { knownKeys } from "./schema-shape.ts";

/** The issues of a schema, with the document. */
export interface Findings {
  readonly schema: unknown;
  readonly document: unknown;
  readonly issues: readonly StandardIssue[];
  /** Keys of the root that are valid, but not part of the schema. */
  readonly otherKeys?: readonly string[];
}

/** Converts the issues of a schema to problems. Their texts are created from codes and keys, so that they contain no values. */
export function schemaProblems(findings: Findings): readonly ConfigProblem[] {
  return findings.issues.flatMap((issue) => describe(issue, [], findings));
}

function describe(issue: DetailedIssue, base: JsonPath, findings: Findings): readonly ConfigProblem[] {
  const path = [...base, ...pathOf(issue)];
  if (issue.code === "unrecognized_keys") return (issue.keys ?? []).map((key) => unknownKey(path, key, findings));
  if (issue.code === "invalid_union" && issue.options === undefined) {
    return likeliestBranch(issue.errors ?? []).flatMap((inner) => describe(inner, path, findings));
  }
  const [inner] = issue.code === "invalid_key" ? (issue.issues ?? []) : [];
  const { reason = issue.code === "invalid_key" ? "name" : "invalid", tip = whereToLook } =
    (inner ?? issue).params ?? {};
  return [{ path, message: issueText(issue, valueAt(findings.document, path)), reason, tip }];
}

const whereToLook = `Every key, and the page of each adapter: ${docsPage("configuration")}`;

function pathOf({ path = [] }: StandardIssue): JsonPath {
  const steps = path.map((step) => (typeof step === "object" ? step.key : step));
  return steps.map((step) => (typeof step === "symbol" ? String(step) : step));
}

function unknownKey(path: JsonPath, key: string, { schema, otherKeys = [] }: Findings): ConfigProblem {
  const known = [...knownKeys(schema, path), ...(path.length === 0 ? otherKeys : [])];
  const meant = nearest(key, known);
  return {
    path: [...path, key],
    message: meant === undefined ? "is not a known key" : `is not a known key; did you mean ${meant}?`,
    reason: "unknown-key",
    tip: known.length === 0 ? "Remove it." : `The keys known here are ${known.join(", ")}.`,
  };
}

/** Returns the issues of the alternative that was probably intended: the one with the fewest, counting each unknown key. */
function likeliestBranch(branches: readonly (readonly DetailedIssue[])[]): readonly DetailedIssue[] {
  const faults = (issues: readonly DetailedIssue[]): number =>
    issues.reduce((sum, { keys, code }) => sum + (code === "unrecognized_keys" ? (keys?.length ?? 1) : 1), 0);
  return branches.toSorted((a, b) => faults(a) - faults(b))[0] ?? [{ message: "" }];
}
