import type { Node, Scalar } from "yaml";
import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import { loadYamlDocuments, type YamlDocument } from "../../shared/parse/yaml.ts";
import { leafOf, type SopsLeaf, type SopsMap, type SopsNode } from "../tree.ts";
import { plainScalar } from "./yaml-scalar.ts";

/** Loads what reads the documents of a YAML file. */
export async function loadYamlTrees(): Promise<(text: string, failures: ParseFailures) => readonly SopsMap[]> {
  const [yaml, parse] = await Promise.all([import("yaml"), loadYamlDocuments()]);
  return (text, failures) => {
    const documents = parse(text, failures);
    if (documents.length > mostDocuments) throw failures.tooLarge(`holds more than ${mostDocuments} documents`);
    return documents.map((document) => {
      const root = toNode(document.contents, { document, failures, yaml });
      if (root.kind === "leaf" && root.type === "null") return { kind: "map", items: [] };
      if (root.kind !== "map")
        throw failures.other("not-object", "holds YAML, but no map with keys", "Encrypt it again with sops.");
      return root;
    });
  };
}

const mostDocuments = 100;

interface YamlContext {
  readonly document: YamlDocument;
  readonly failures: ParseFailures;
  readonly yaml: typeof import("yaml");
}

function toNode(node: Node | null, context: YamlContext): SopsNode {
  const { yaml, document, failures } = context;
  if (node === null) return leafOf("null", "");
  if (yaml.isMap<Scalar, Node | null>(node)) {
    const items = node.items.map(({ key, value }) => {
      if (scalarLeaf(key)?.type !== "str")
        throw failures.unsupported("has a key that is no text", { line: document.lineOf(key) });
      return { key: String(key.value), value: toNode(value, context) };
    });
    return { kind: "map", items };
  }
  if (yaml.isSeq<Node | null>(node)) return { kind: "list", items: node.items.map((item) => toNode(item, context)) };
  const leaf = scalarLeaf(node as Scalar);
  if (leaf === undefined)
    throw failures.unsupported("has a number that SOPS cannot hold", { line: document.lineOf(node) });
  return leaf;
}

/** A quoted one, and a block, is text. */
function scalarLeaf(scalar: Scalar): SopsLeaf | undefined {
  if (scalar.type === "PLAIN" || scalar.type === undefined) return plainScalar(scalar.source ?? "");
  return leafOf("str", String(scalar.value));
}
