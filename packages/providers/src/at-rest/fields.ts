import type { ConfigurationNode } from "./configuration-node.ts";
import type { Place, Report } from "./report.ts";

type Entries = ReadonlyMap<string, ConfigurationNode>;

/** Returns the entries of a map that has no other keys than those named; undefined, with a finding, for what is no map. */
export function mapOf(node: ConfigurationNode, keys: readonly string[], report: Report): Entries | undefined {
  const { content } = node;
  if (content.kind === "alias") return undefined;
  if (content.kind !== "map") {
    wrongType(node, "a map of keys and values", report);
    return undefined;
  }
  for (const [key, child] of content.entries) {
    if (keys.includes(key)) continue;
    const near = keys.find((known) => known.toLowerCase() === key.toLowerCase());
    report.refuse(
      "unknown-key",
      child,
      "this key is unknown",
      near === undefined
        ? `Correct or remove it; the known keys are ${keys.join(", ")}.`
        : `Write ${near}: case counts.`,
    );
  }
  return content.entries;
}

/** Returns the items of a list; none for one that is missing or null; undefined for what cannot be read, a finding of its own. */
export function listOf(node: ConfigurationNode | undefined, report: Report): readonly ConfigurationNode[] | undefined {
  if (node === undefined || node.content.kind === "null") return [];
  if (node.content.kind === "list") return node.content.items;
  if (node.content.kind !== "alias") wrongType(node, "a list", report);
  return undefined;
}

/** Returns a text; "" for one that is missing or null; undefined for what cannot be read, a finding of its own. */
export function textOf(node: ConfigurationNode | undefined, report: Report): string | undefined {
  if (node === undefined || node.content.kind === "null") return "";
  if (node.content.kind === "text") return node.content.text;
  if (node.content.kind !== "alias") wrongType(node, "text; quote it if YAML reads it as another type", report);
  return undefined;
}

export function wrongType(place: Place, expected: string, report: Report): void {
  report.refuse("wrong-type", place, `this is not ${expected.split(";")[0]}`, `Write ${expected}.`);
}
