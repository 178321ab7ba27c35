import type { Node, Scalar } from "yaml";
import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import { loadYamlDocuments, type YamlDocument } from "../../shared/parse/yaml.ts";
import { type CommentTest, leafOf, type SopsLeaf, type SopsMap, type SopsNode } from "../tree.ts";
import { type CommentedNodes, commentedNodes } from "./yaml-comments.ts";
import { plainScalar } from "./yaml-scalar.ts";

/** Loads what reads the documents of a YAML file. */
export async function loadYamlTrees(): Promise<
  (text: string, failures: ParseFailures, isAsked: CommentTest | undefined) => readonly SopsMap[]
> {
  const [yaml, parse] = await Promise.all([import("yaml"), loadYamlDocuments()]);
  return (text, failures, isAsked) => {
    const documents = parse(text, failures);
    const commented =
      isAsked === undefined ? new Set<Node>() : commentedNodes(text, documents, isAsked, { yaml, failures });
    if (documents.length > mostDocuments) throw failures.tooLarge(`contains more than ${mostDocuments} documents`);
    return documents.map((document) => {
      const root = toNode(document.contents, { document, failures, yaml, commented });
      if (root.kind === "leaf" && root.type === "null") return { kind: "map", items: [] };
      if (root.kind !== "map")
        throw failures.other("not-object", "contains YAML, but not a map with keys", "Encrypt it again with sops.");
      return root;
    });
  };
}

const mostDocuments = 100;

interface YamlContext {
  readonly document: YamlDocument;
  readonly failures: ParseFailures;
  readonly yaml: typeof import("yaml");
  readonly commented: CommentedNodes;
}

function toNode(node: Node | null, context: YamlContext): SopsNode {
  const { yaml, document, failures, commented } = context;
  /** What stands at a key, or at an item, stands at its value. */
  const valueAt = (at: Node | null, value: Node | null): SopsNode => {
    const tree = toNode(value, context);
    return at !== null && commented.has(at) ? { ...tree, isCommented: true } : tree;
  };
  if (node === null) return leafOf("null", "");
  if (yaml.isMap<Scalar, Node | null>(node)) {
    const items = node.items.map(({ key, value }) => {
      if (scalarLeaf(key)?.type !== "str")
        throw failures.unsupported("has a key that is not text", { line: document.lineOf(key) });
      return { key: String(key.value), value: valueAt(key, value) };
    });
    return { kind: "map", items };
  }
  if (yaml.isSeq<Node | null>(node)) return { kind: "list", items: node.items.map((item) => valueAt(item, item)) };
  const leaf = scalarLeaf(node as Scalar);
  if (leaf === undefined)
    throw failures.unsupported("has a number that SOPS cannot represent", { line: document.lineOf(node) });
  return leaf;
}

/** A quoted one, and a block, is text. */
function scalarLeaf(scalar: Scalar): SopsLeaf | undefined {
  if (scalar.type === "PLAIN" || scalar.type === undefined) return plainScalar(scalar.source ?? "");
  return leafOf("str", String(scalar.value));
}
