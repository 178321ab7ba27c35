import type { Node, Scalar } from "yaml";
import type { ParseFailures } from "./parse-errors.ts";
import { loadYamlDocuments } from "./yaml.ts";

/** A value of a Kubernetes manifest. A record has no prototype. */
export type ManifestValue = string | number | boolean | null | readonly ManifestValue[] | ManifestRecord;

/** A map of a manifest. */
export interface ManifestRecord {
  readonly [key: string]: ManifestValue;
}

/** Loads what reads the manifests of a YAML or JSON text; JSON is YAML, too. Empty documents are left out. */
export async function loadManifests(): Promise<(text: string, failures: ParseFailures) => readonly ManifestRecord[]> {
  const [yaml, parse] = await Promise.all([import("yaml"), loadYamlDocuments()]);
  const toValue = (node: Node | null): ManifestValue => {
    if (node === null) return null;
    if (yaml.isMap<Scalar, Node | null>(node)) {
      const record: Record<string, ManifestValue> = Object.create(null);
      for (const { key, value } of node.items) record[String(key.value)] = toValue(value);
      return record;
    }
    if (yaml.isSeq<Node | null>(node)) return node.items.map(toValue);
    return (node as Scalar).value as ManifestValue;
  };
  return (text, failures) =>
    parse(text, failures).flatMap(({ contents, line }) => {
      const value = toValue(contents);
      if (value === null) return [];
      if (!isRecord(value))
        throw failures.other(
          "not-object",
          `contains something other than a manifest (line ${line})`,
          "Check its content.",
        );
      return [value];
    });
}

/** Whether a value is a map. */
export function isRecord(value: ManifestValue | undefined): value is ManifestRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A map within a manifest; an empty one where there is none. */
export function recordIn(manifest: ManifestRecord, key: string): ManifestRecord {
  const value = manifest[key];
  return isRecord(value) ? value : {};
}

/** A text within a manifest; undefined where there is none. */
export function textIn(manifest: ManifestRecord, key: string): string | undefined {
  const value = manifest[key];
  return typeof value === "string" ? value : undefined;
}
