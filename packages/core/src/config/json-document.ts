import { type JsonFault, jsonFaults } from "../name/json-faults.ts";
import type { ConfigProblem } from "./config-problem.ts";

/** A parsed document, or its problems. */
export type DocumentText = { readonly value: unknown } | { readonly problems: readonly ConfigProblem[] };

/** Parses JSON. Refuses a document that parsers read differently; no message quotes it. */
export function parseJson(text: string): DocumentText {
  const faults = jsonFaults(text, deepest);
  if (faults.length === 0) return { value: JSON.parse(text) as unknown };
  return { problems: faults.map((fault) => problemOf(fault, text)) };
}

/** The maximum nesting, deeper than any real document. */
export const deepest = 32;

function problemOf({ kind, offset, path }: JsonFault, text: string): ConfigProblem {
  switch (kind) {
    case "duplicate-key":
      return {
        path,
        message: "appears more than once",
        reason: "duplicate-key",
        tip: "Keep one of them: parsers differ in which one they use.",
      };
    case "lone-surrogate":
      return {
        path,
        message: "is not valid Unicode",
        reason: "syntax",
        tip: "Correct its \\u escapes: half of a surrogate pair is not a character.",
      };
    case "too-deep":
      return syntaxProblem(
        `is nested deeper than ${deepest} levels`,
        offset,
        text,
        "Flatten the document at that place.",
      );
    case "syntax":
      return syntaxProblem(
        "is not valid JSON",
        offset,
        text,
        "Check just before that position for a missing or extra comma, quote or bracket.",
      );
  }
}

/** Returns the problem of invalid syntax, with its position but without the text. */
function syntaxProblem(what: string, offset: number, text: string, tip: string): ConfigProblem {
  const before = text.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { path: [], message: `${what}: line ${before.length}, column ${column}`, reason: "syntax", tip };
}
