import { metadataError } from "./errors.ts";
import type { SopsMap, SopsNode } from "./tree.ts";

/** Metadata as plain data; null is left out, and every value is text. */
export interface Plain {
  readonly [name: string]: PlainValue;
}

type PlainValue = string | readonly PlainValue[] | Plain;

/** Takes the metadata of a file off its values. @throws {SecretError} INVALID_VALUE `malformed` where there is none */
export function splitMetadata(
  documents: readonly SopsMap[],
  flattened: "not" | "below-key" | "with-prefix",
): { readonly metadata: SopsMap; readonly values: readonly SopsMap[] } {
  const [first] = documents;
  if (first === undefined) throw metadataError("holds nothing");
  const isMetadata = ({ key }: { readonly key: string }): boolean =>
    flattened === "with-prefix" ? key.startsWith(prefix) : key === "sops";
  const found = first.items.filter(isMetadata);
  const values = documents.map((each, index) =>
    flattened === "with-prefix" && index > 0
      ? each
      : { ...each, items: each.items.filter((item) => !isMetadata(item)) },
  );
  if (flattened === "with-prefix" && found.length > 0)
    return { metadata: unflatten(found.map(({ key, value }) => ({ key: key.slice(prefix.length), value }))), values };
  const branch = found[0]?.value;
  if (branch?.kind !== "map") throw metadataError("is not encrypted by SOPS");
  return { metadata: flattened === "below-key" ? unflatten(branch.items) : branch, values };
}

/** Returns a branch of metadata as plain data. */
export function toRecord(branch: SopsMap): Plain {
  return Object.fromEntries(branch.items.flatMap(({ key, value }) => (isNull(value) ? [] : [[key, toPlain(value)]])));
}

const prefix = "sops_";

function isNull(node: SopsNode): boolean {
  return node.kind === "leaf" && node.type === "null";
}

function toPlain(node: SopsNode): PlainValue {
  if (node.kind === "map") return toRecord(node);
  if (node.kind === "list") return node.items.filter((item) => !isNull(item)).map(toPlain);
  return Buffer.from(node.bytes).toString();
}

/** Steps within the flattened name of one entry; files of SOPS have six at most. */
const mostSteps = 10;

/** A map while it is put together; a list is one whose every key is `[index]`. */
interface Branch {
  readonly children: Map<string, Branch | SopsNode>;
}

/** Puts metadata together that INI and dotenv hold as flat names: `age__list_0__map_enc`. */
function unflatten(items: SopsMap["items"]): SopsMap {
  const root: Branch = { children: new Map() };
  for (const { key, value } of items) {
    const steps = key
      .split(/(?=__(?:map|list)_)/, mostSteps + 1)
      .map((step) => step.replace(/^__map_/, "").replace(/^__list_(\d+)$/, "[$1]"));
    if (steps.length > mostSteps) throw metadataError("has metadata that SOPS does not write");
    let branch = root;
    for (const step of steps.slice(0, -1)) {
      const next = branch.children.get(step) ?? { children: new Map() };
      if (!("children" in next)) throw metadataError("has metadata that SOPS does not write");
      branch.children.set(step, next);
      branch = next;
    }
    const last = steps.at(-1) ?? "";
    if (branch.children.has(last)) throw metadataError("has metadata that SOPS does not write");
    branch.children.set(last, withLineFeeds(value));
  }
  const node = toNode(root);
  return node.kind === "map" ? node : { kind: "map", items: [] };
}

/** An age file has several lines; INI writes them with `\n`, and dotenv has been undone already. */
function withLineFeeds(node: SopsNode): SopsNode {
  if (node.kind !== "leaf") return node;
  return { ...node, bytes: Buffer.from(Buffer.from(node.bytes).toString().replaceAll("\\n", "\n")) };
}

function toNode(branch: Branch | SopsNode): SopsNode {
  if (!("children" in branch)) return branch;
  const entries = [...branch.children].map(([key, child]) => ({ key, value: toNode(child) }));
  if (entries.length === 0 || !entries.every(({ key }) => /^\[\d+\]$/.test(key)))
    return { kind: "map", items: entries };
  const ordered = entries.toSorted((left, right) => Number(left.key.slice(1, -1)) - Number(right.key.slice(1, -1)));
  return { kind: "list", items: ordered.map(({ value }) => value) };
}
