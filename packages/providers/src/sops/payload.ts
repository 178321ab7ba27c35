import type { SecretPayload } from "@tacit/core/provider";
import { metadataError } from "./errors.ts";
import type { SopsFormat } from "./format/read-trees.ts";
import type { SopsLeaf, SopsMap, SopsNode } from "./tree.ts";

/**
 * Returns the values of a file as a payload: text and bytes as they are, numbers and booleans as JSON writes them, maps and lists as JSON; null is no
 * field. The keys of INI before the first section are fields of their own, and of several documents each is one field, by its number.
 */
export function payloadOf(documents: readonly SopsMap[], format: SopsFormat): SecretPayload {
  const [first] = documents;
  if (format === "binary") return binary(first);
  const items =
    documents.length > 1
      ? documents.map((value, index) => ({ key: String(index), value }))
      : format === "ini"
        ? (first?.items ?? []).flatMap(sectionItems)
        : (first?.items ?? []);
  const fields = items.flatMap(({ key, value }) => (isNull(value) ? [] : [[key, bytesOf(value)] as const]));
  if (fields.length === 0) throw metadataError("contains no values");
  if (fields.length > mostFields) throw metadataError(`has more than ${mostFields} keys`);
  return { kind: "fields", fields: new Map(fields) };
}

const mostFields = 1000;

function binary(document: SopsMap | undefined): SecretPayload {
  const [data, more] = document?.items ?? [];
  if (
    data?.key !== "data" ||
    data.value.kind !== "leaf" ||
    !/^(?:str|bytes)$/.test(data.value.type) ||
    more !== undefined
  )
    throw metadataError("is read as a binary SOPS file, but has other content");
  return { kind: "value", bytes: new Uint8Array(data.value.bytes) };
}

function sectionItems(section: SopsMap["items"][number]): SopsMap["items"] {
  return section.key === "DEFAULT" && section.value.kind === "map" ? section.value.items : [section];
}

function isNull(node: SopsNode): boolean {
  return node.kind === "leaf" && node.type === "null";
}

function bytesOf(node: SopsNode): Uint8Array {
  if (node.kind !== "leaf") return new TextEncoder().encode(jsonOf(node));
  return node.type === "bool" ? new TextEncoder().encode(boolText(node)) : new Uint8Array(node.bytes);
}

function jsonOf(node: SopsNode): string {
  if (node.kind === "map")
    return `{${node.items.map(({ key, value }) => `${JSON.stringify(key)}:${jsonOf(value)}`).join(",")}}`;
  if (node.kind === "list") return `[${node.items.map(jsonOf).join(",")}]`;
  return leafJson(node);
}

function leafJson(leaf: SopsLeaf): string {
  const text = Buffer.from(leaf.bytes).toString();
  if (leaf.type === "null") return "null";
  if (leaf.type === "bool") return boolText(leaf);
  if (leaf.type === "int" || (leaf.type === "float" && /\d$/.test(text))) return text;
  if (!Buffer.from(text).equals(leaf.bytes)) throw metadataError("has bytes below a key that are not text");
  return JSON.stringify(text);
}

function boolText({ bytes }: SopsLeaf): string {
  return Buffer.from(bytes).toString().toLowerCase();
}
