import { type JsonPath, valueAt } from "./json-path.ts";
import { scalarTypeAt } from "./schema-shape.ts";

/**
 * Turns the text of a source into the number or boolean that the schema wants there: a variable or a file holds text only.
 * Changes the document in place, which is a copy; text that reads as neither is left for the schema to refuse.
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
