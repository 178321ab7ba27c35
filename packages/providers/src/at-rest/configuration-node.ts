import type { Node } from "yaml";
import { composeYaml } from "../shared/parse/compose-yaml.ts";

/** A part of a configuration, with its place. */
export interface ConfigurationNode {
  /** `resources[0].providers`; empty for the whole. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number | undefined;
  readonly content: NodeContent;
}

/** What a part is to the API server. An `alias` stands for a part of the file that is not followed here. */
export type NodeContent =
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, ConfigurationNode> }
  | { readonly kind: "list"; readonly items: readonly ConfigurationNode[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number }
  | { readonly kind: "null" | "other" | "alias" };

/** What is wrong with a text as YAML. */
export interface ParseFault {
  readonly code: "too-large" | "syntax" | "several-documents" | "alias" | "duplicate-key" | "too-deep";
  readonly path: string;
  readonly line: number | undefined;
}

export interface ParsedConfiguration {
  /** Missing where the text is no YAML. */
  readonly root?: ConfigurationNode;
  readonly faults: readonly ParseFault[];
}

/** A configuration of a hundred keys has 10 KiB. */
const mostCharacters = 256 * 1024;
/** That of a key is 9. */
const deepest = 32;

/**
 * Reads YAML, of which JSON is a part, as the API server does. Aliases are not followed: by them a small text unfolds into a large one.
 */
export async function parseConfiguration(text: string): Promise<ParsedConfiguration> {
  if (text.length > mostCharacters) return { faults: [{ code: "too-large", path: "", line: undefined }] };
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const lineOf = (offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : lines.linePos(offset).line;
  const faults: ParseFault[] = [];
  const composed = composeYaml(text, yaml, lines, true);
  if ("fault" in composed) {
    const { fault, offset } = composed;
    if (fault === "syntax") return { faults: [{ code: fault, path: "", line: lineOf(offset) }] };
    return { faults: [{ code: fault === "too-deep" ? fault : "too-large", path: "", line: undefined }] };
  }
  const { second } = composed;
  const [document] = composed.documents;
  if (second !== undefined) faults.push({ code: "several-documents", path: "", line: lineOf(second) });
  const convert = (node: Node | null, place: Pick<ConfigurationNode, "path" | "line">, depth: number): NodeContent => {
    if (depth > deepest) {
      faults.push({ ...place, code: "too-deep" });
      return { kind: "other" };
    }
    if (node === null) return { kind: "null" };
    if (yaml.isAlias(node)) {
      faults.push({ ...place, code: "alias" });
      return { kind: "alias" };
    }
    if (yaml.isScalar(node)) return scalarContent(node.value, node.type === "PLAIN" ? node.source : undefined);
    const child = (of: unknown, path: string, fallback: number | undefined): ConfigurationNode => {
      const inner = yaml.isNode(of) ? of : null;
      const line = lineOf(inner?.range?.[0]) ?? fallback;
      return { path, line, content: convert(inner, { path, line }, depth + 1) };
    };
    if (yaml.isSeq(node)) {
      const items = node.items.map((item, index) => child(item, `${place.path}[${index}]`, place.line));
      return { kind: "list", items };
    }
    if (!yaml.isMap(node)) return { kind: "other" };
    const entries = new Map<string, ConfigurationNode>();
    for (const { key, value } of node.items) {
      const name = yaml.isScalar(key) ? String(key.value) : "";
      const line = yaml.isNode(key) ? lineOf(key.range?.[0]) : place.line;
      const path = pathOf(place.path, name);
      if (entries.has(name)) faults.push({ code: "duplicate-key", path, line });
      else if (name === "<<") faults.push({ code: "alias", path: place.path, line });
      else entries.set(name, { path, line, content: child(value, path, line).content });
    }
    return { kind: "map", entries };
  };
  const contents = yaml.isNode(document?.contents) ? document?.contents : null;
  const place = { path: "", line: lineOf(contents?.range?.[0]) };
  return { root: { ...place, content: convert(contents, place, 0) }, faults };
}

/** The API server reads YAML 1.1, where some plain words are no text: `yes`, `on`, `1_000`. */
function scalarContent(value: unknown, plain: string | undefined): NodeContent {
  if (value === null || value === undefined) return { kind: "null" };
  if (typeof value === "number") return { kind: "number", number: value };
  if (typeof value !== "string") return { kind: "other" };
  if (plain !== undefined && /^(y|n|yes|no|on|off|[-+]?[0-9][0-9_]*)$/i.test(plain)) return { kind: "other" };
  return { kind: "text", text: value };
}

/** A key that is none of Kubernetes' own may be a secret in the wrong place: only short words are told. */
function pathOf(parent: string, key: string): string {
  const word = /^[A-Za-z][A-Za-z0-9_-]{0,15}$/.test(key) ? key : "(key)";
  return parent === "" ? word : `${parent}.${word}`;
}
