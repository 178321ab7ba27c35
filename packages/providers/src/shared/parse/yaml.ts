import type { SecretError } from "@tacit/core/provider";
import type { Document, Node, Pair, Scalar, YAMLMap } from "yaml";
import { composeYaml, type YamlFault } from "./compose-yaml.ts";
import { collectFields } from "./fields.ts";
import { deepest } from "./json.ts";
import type { ParseFailures } from "./parse-errors.ts";

/** Loads the `yaml` package and returns a parser of YAML 1.2 (core schema): one map, whose values become fields as in `jsonFields`. @throws {SecretError} INVALID_VALUE, from the parser */
export async function loadYaml(): Promise<(text: string, failures: ParseFailures) => ReadonlyMap<string, string>> {
  const [yaml, parse] = await Promise.all([import("yaml"), loadYamlDocuments()]);
  return (text: string, failures: ParseFailures): ReadonlyMap<string, string> => {
    const [document, second] = parse(text, failures);
    if (second !== undefined) throw failures.unsupported("contains more than one YAML document", { line: second.line });
    const contents = document?.contents;
    if (!yaml.isMap<Scalar, Node | null>(contents))
      throw failures.other("not-object", "contains YAML, but not a map with keys", 'Read it with "raw".');
    const collected = collectFields(failures);
    for (const { key, value } of contents.items) {
      const source = sourceOf(value, yaml);
      if (source !== undefined) collected.add(String(key.value), source, document?.lineOf(key));
    }
    return collected.fields;
  };
}

/** One document of a YAML text: scalars, lists, and maps with text keys; no aliases, merge keys or tags. */
export interface YamlDocument {
  readonly contents: Node | null;
  /** Its first line, counted from 1. */
  readonly line: number;
  lineOf(node: Node): number | undefined;
}

/** Loads the `yaml` package and returns a parser of all documents of a text. @throws {SecretError} INVALID_VALUE, from the parser */
export async function loadYamlDocuments(): Promise<(text: string, failures: ParseFailures) => readonly YamlDocument[]> {
  const yaml = await import("yaml");
  return (text, failures) => {
    const lines = new yaml.LineCounter();
    const lineOf = (node: Node): number | undefined =>
      node.range == null ? undefined : lines.linePos(node.range[0]).line;
    return parse(text, failures, lines, yaml).map((document) => {
      assertPlain(document, failures, lineOf, yaml);
      return { contents: document.contents as Node | null, line: lines.linePos(document.range?.[0] ?? 0).line, lineOf };
    });
  };
}

type Yaml = typeof import("yaml");

/** Parses the documents. Errors contain only positions, since the messages of the package quote the text. */
function parse(
  text: string,
  failures: ParseFailures,
  lineCounter: InstanceType<Yaml["LineCounter"]>,
  yaml: Yaml,
): readonly Document[] {
  const composed = composeYaml(text, yaml, lineCounter);
  if ("fault" in composed) throw faultError(composed.fault, lineCounter.linePos(composed.offset).line, failures);
  const { documents } = composed;
  if (documents.some((document) => isTooDeep(document, yaml))) throw tooDeep(failures);
  if (documents.some(({ directives }) => directives?.yaml.explicit === true))
    throw failures.unsupported("has a YAML directive", { line: 1 });
  return documents;
}

function faultError(fault: YamlFault, line: number, failures: ParseFailures): SecretError {
  if (fault === "too-deep") return tooDeep(failures);
  if (fault === "too-many-tokens") return failures.tooLarge("contains too many values");
  return failures.syntax("is not valid YAML", { line });
}

function isTooDeep(document: Document, yaml: Yaml): boolean {
  let isDeep = false;
  yaml.visit(document, {
    Node(_index, _node, path) {
      isDeep = path.filter((parent) => yaml.isCollection(parent)).length > deepest;
      return isDeep ? yaml.visit.BREAK : undefined;
    },
  });
  return isDeep;
}

/** Refuses syntax that expands a small text to a large one, or that parsers read differently. */
function assertPlain(
  document: Document,
  failures: ParseFailures,
  lineOf: (node: Node) => number | undefined,
  yaml: Yaml,
): void {
  yaml.visit(document, {
    Pair(_index, { key }: Pair<unknown, unknown>) {
      if (yaml.isScalar(key) && key.value === "<<" && key.type === "PLAIN")
        throw failures.unsupported("has a merge key", { line: lineOf(key) });
    },
    Node(_index, node) {
      const line = lineOf(node);
      if (yaml.isAlias(node) || node.anchor !== undefined)
        throw failures.unsupported("has an anchor or an alias", { line });
      if (yaml.isMap<Scalar>(node)) assertUnique(node, failures, lineOf);
      if (node.tag !== undefined) throw failures.unsupported("has a tag", { line });
    },
  });
}

function assertUnique(map: YAMLMap<Scalar>, failures: ParseFailures, lineOf: (node: Node) => number | undefined): void {
  const keys = new Set<string>();
  for (const { key } of map.items) {
    const name = String(key.value);
    if (keys.has(name)) throw failures.duplicateKey({ line: lineOf(key), key: name });
    keys.add(name);
  }
}

function tooDeep(failures: ParseFailures): SecretError {
  return failures.tooLarge(`is nested deeper than ${deepest} levels`);
}

/** Returns the text of a string, the source text of a number or boolean, the JSON text of a map or list; undefined for null. */
function sourceOf(node: Node | null, yaml: Yaml): string | undefined {
  if (node === null) return undefined;
  if (!yaml.isScalar(node)) return jsonOf(node, yaml);
  if (node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

/** Returns the JSON text of a node. Numbers that are not valid in JSON, such as 0x1F, become strings. */
function jsonOf(node: Node | null, yaml: Yaml): string {
  if (yaml.isMap<Scalar, Node | null>(node)) {
    const members = node.items.map(({ key, value }) => `${JSON.stringify(String(key.value))}:${jsonOf(value, yaml)}`);
    return `{${members.join(",")}}`;
  }
  if (yaml.isSeq<Node | null>(node)) return `[${node.items.map((item) => jsonOf(item, yaml)).join(",")}]`;
  const source = sourceOf(node, yaml);
  if (source === undefined) return "null";
  const isText = yaml.isScalar(node) && typeof node.value === "string";
  return isText || !/^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false)$/.test(source)
    ? JSON.stringify(source)
    : source;
}
