import type { Node, Scalar } from "yaml";
import type { ParseFailures } from "./parse-errors.ts";
import { loadYamlDocuments } from "./yaml.ts";

/** A value in a Kubernetes manifest. Records have no prototype. */
export type ManifestValue = string | number | boolean | null | readonly ManifestValue[] | ManifestRecord;

/** A map in a manifest. */
export interface ManifestRecord {
  readonly [key: string]: ManifestValue;
}

/** Loads the parser of manifests in YAML or JSON, which is a subset of YAML. The parser skips empty documents. @throws {SecretError} INVALID_VALUE, from the parser */
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

/** Returns whether a value is a map. */
export function isRecord(value: ManifestValue | undefined): value is ManifestRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the map at a key; an empty one if there is none. */
export function recordIn(manifest: ManifestRecord, key: string): ManifestRecord {
  const value = manifest[key];
  return isRecord(value) ? value : {};
}

/** Returns the text at a key; undefined if there is none. */
export function textIn(manifest: ManifestRecord, key: string): string | undefined {
  const value = manifest[key];
  return typeof value === "string" ? value : undefined;
}
