import type { ConfigProblem } from "./config-problem.ts";
import { type DocumentText, deepest } from "./json-document.ts";
import { deepYamlOffset } from "./yaml-depth.ts";

/**
 * Parses YAML 1.2 (core schema), and loads the `yaml` package. Problems contain only codes and positions, since the messages of the
 * package quote the text. Aliases are supported, but may not expand to too much content.
 */
export async function parseYaml(text: string): Promise<DocumentText> {
  const { LineCounter, parseDocument, Parser, visit } = await import("yaml");
  const lineCounter = new LineCounter();
  const positionOf = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const tooDeep = deepYamlOffset(text, deepest, Parser);
  if (tooDeep !== undefined) return { problems: [nestedTooDeeply(text, tooDeep)] };
  // With "silent", a second document in the file would be ignored instead of reported.
  const document = parseDocument(text, { lineCounter, logLevel: "error", prettyErrors: false, uniqueKeys: true });
  // The order in which the package finds them is its own.
  const faults = [...document.errors, ...document.warnings].sort(({ pos: [one] }, { pos: [other] }) => one - other);
  if (faults.length > 0)
    return { problems: firstCause(faults.map(({ code, pos }) => describe(code, positionOf(pos[0])))) };
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }) as unknown };
  } catch {
    let unanchored: number | undefined;
    visit(document, {
      Alias: (_key, alias) => {
        if (alias.resolve(document) === undefined) unanchored ??= alias.range?.[0];
      },
    });
    if (unanchored === undefined) return { problems: [syntax("has aliases that expand to too much content")] };
    return { problems: [unquoted(positionOf(unanchored))] };
  }
}

/** The default of the `yaml` package, set explicitly so that an update does not change it. */
const mostAliases = 100;

/** Returns only the first syntax error, which may cause the others; otherwise all problems. */
function firstCause(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const cause = problems.find(({ reason }) => reason === "syntax");
  return cause === undefined ? problems : [cause];
}

function describe(code: string, position: string): ConfigProblem {
  switch (code) {
    case "DUPLICATE_KEY":
      return {
        ...syntax(`has a key more than once in one map: ${position}`),
        reason: "duplicate-key",
        tip: "Keep one of them: parsers differ in which one they use.",
      };
    case "TAB_AS_INDENT":
      return { ...syntax(`is indented with a tab: ${position}`), tip: "Indent YAML with spaces." };
    case "MULTIPLE_DOCS":
      return syntax(`contains more than one YAML document: ${position}`);
    case "TAG_RESOLVE_FAILED":
      return syntax(`uses a tag that YAML's core schema does not have: ${position}`);
    case "BAD_ALIAS":
      return unquoted(position);
    default:
      return syntax(`is not valid YAML: ${position}`);
  }
}

function nestedTooDeeply(text: string, offset: number): ConfigProblem {
  const before = text.slice(0, offset).split("\n");
  const position = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return {
    ...syntax(`is nested deeper than ${deepest} levels: ${position}`),
    tip: "Flatten the document at that place.",
  };
}

function unquoted(position: string): ConfigProblem {
  return {
    ...syntax(`has a value that begins with "*" and is not quoted: ${position}`),
    tip: 'Quote a pattern, as in match: "**": otherwise YAML reads it as an alias.',
  };
}

function syntax(message: string): ConfigProblem {
  return {
    path: [],
    message,
    reason: "syntax",
    tip: "Correct the file at that place; its content is not quoted here.",
  };
}
