import type { ConfigProblem } from "./config-problem.ts";
import type { DocumentText } from "./json-document.ts";

/**
 * Parses YAML 1.2 (core schema), and loads the `yaml` package. Problems contain only codes and positions, since the messages of the
 * package quote the text. Aliases are supported, but may not expand to too much content.
 */
export async function parseYaml(text: string): Promise<DocumentText> {
  const { LineCounter, parseDocument, visit } = await import("yaml");
  const lineCounter = new LineCounter();
  // With "silent", a second document in the file would be ignored instead of reported.
  const document = parseDocument(text, { lineCounter, logLevel: "error", prettyErrors: false, uniqueKeys: true });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const described = faults.map(({ code, pos }) => {
      const { line, col } = lineCounter.linePos(pos[0]);
      return describe(code, `line ${line}, column ${col}`);
    });
    return { problems: firstCause(described) };
  }
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
    const { line, col } = lineCounter.linePos(unanchored);
    const problem = syntax(`has a value that begins with "*" and is not quoted: line ${line}, column ${col}`);
    return {
      problems: [{ ...problem, tip: 'Quote a pattern, as in match: "**": otherwise YAML reads it as an alias.' }],
    };
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
    case "RESOURCE_EXHAUSTION":
      return syntax(`is nested too deeply: ${position}`);
    default:
      return syntax(`is not valid YAML: ${position}`);
  }
}

function syntax(message: string): ConfigProblem {
  return {
    path: [],
    message,
    reason: "syntax",
    tip: "Correct the file at that place; its content is not quoted here.",
  };
}
