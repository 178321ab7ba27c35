import type { Document, LineCounter } from "yaml";
import { deepest } from "./json.ts";

type Yaml = typeof import("yaml");

/** Contains the documents of a YAML text, or its first fault. */
export type ComposedYaml =
  | { readonly documents: readonly Document[]; readonly second?: number | undefined }
  | { readonly fault: YamlFault; readonly offset: number };

/** Names a fault; `too-deep` includes a stack overflow. */
export type YamlFault = "syntax" | "too-deep" | "too-many-tokens";

/**
 * Composes the documents of a YAML text, and stops at the first fault. The package itself creates an error with a stack for every fault.
 * @param firstOnly reads only the first document; `second` is then the offset of the next one
 */
export function composeYaml(text: string, yaml: Yaml, lines: LineCounter, firstOnly = false): ComposedYaml {
  const excess = excessOf(text, yaml);
  if (excess !== undefined) return { fault: excess, offset: 0 };
  const composer = stoppingComposer(yaml);
  const documents: Document[] = [];
  let [seen, second] = [0, undefined as number | undefined];
  try {
    for (const token of new yaml.Parser(lines.addNewLine).parse(text)) {
      if (token.type === "error") throw new Fault("syntax", token.offset);
      if (token.type === "document") seen += 1;
      if (firstOnly && seen > 1) {
        second = token.offset;
        break;
      }
      if (seen > mostDocuments) throw new Fault("too-many-tokens", 0);
      documents.push(...composer.next(token));
    }
    documents.push(...composer.end());
    return { documents, second };
  } catch (error) {
    return error instanceof Fault ? error : { fault: "too-deep", offset: 0 };
  }
}

/** Limits the nodes of the tree. A SOPS file with 10,000 values has fewer tokens. */
const mostTokens = 100_000;
const mostDocuments = 1000;

/** Returns the limit that a text exceeds. The lexer keeps no tokens; the parser reads nested brackets recursively. */
function excessOf(text: string, yaml: Yaml): YamlFault | undefined {
  let [tokens, depth] = [0, 0];
  let before = "";
  for (const token of new yaml.Lexer().lex(text)) {
    if (++tokens > mostTokens) return "too-many-tokens";
    if (before !== yaml.CST.SCALAR)
      depth += token === "[" || token === "{" ? 1 : token === "]" || token === "}" ? -1 : 0;
    if (depth > deepest + 1) return "too-deep";
    before = token;
  }
  return undefined;
}

class Fault {
  readonly fault: YamlFault;
  readonly offset: number;

  constructor(fault: YamlFault, offset: number) {
    this.fault = fault;
    this.offset = offset;
  }
}

/** Locates an error: an offset, a range, or a token. */
type ErrorSource = number | readonly number[] | { readonly offset: number };

/** Makes a composer that throws its first error or warning. The package has no option for that, so this replaces a private member. */
function stoppingComposer(yaml: Yaml): InstanceType<Yaml["Composer"]> {
  const composer = new yaml.Composer({
    logLevel: "error",
    prettyErrors: false,
    // The check of the package takes quadratic time.
    uniqueKeys: false,
    stringKeys: true,
    version: "1.2",
  });
  let first: Fault | undefined;
  // The composer catches an error that is thrown within a document, and reports it as another one.
  const onError = (source: ErrorSource, code: string): never => {
    const offset = typeof source === "number" ? source : "offset" in source ? source.offset : (source[0] ?? 0);
    first ??= new Fault(code === "RESOURCE_EXHAUSTION" ? "too-deep" : "syntax", offset);
    throw first;
  };
  return Object.assign(composer, { onError });
}
