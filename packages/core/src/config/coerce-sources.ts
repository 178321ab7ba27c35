import { type JsonPath, valueAt } from "./json-path.ts";
import { scalarTypeAt } from "./schema-shape.ts";

/**
 * Converts the text of sources to the numbers or booleans that the schema requires, since variables and files contain only text.
 * Changes the document, which is a copy, in place. Other text is left unchanged, and refused by the schema.
 */
export function coerceSources(document: unknown, sources: readonly JsonPath[], schema: unknown): void {
  for (const path of sources) {
    const key = path.at(-1);
    const parent = valueAt(document, path.slice(0, -1));
    const text = valueAt(document, path);
    if (key === undefined || typeof text !== "string") continue;
    (parent as Record<string | number, unknown>)[key] = coerced(text, scalarTypeAt(schema, path));
  }
}

function coerced(text: string, type: "number" | "boolean" | undefined): unknown {
  if (type === "number" && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}
