import type { JsonPath } from "./json-path.ts";

/**
 * Returns the line of each path in the text of a document, or that of the nearest path above; undefined if it is unknown. JSON is
 * parsed as YAML, because that parser returns positions.
 */
export async function lineNumbers(
  text: string | undefined,
  paths: readonly JsonPath[],
): Promise<readonly (number | undefined)[]> {
  const nowhere = paths.map(() => undefined);
  if (text === undefined) return nowhere;
  try {
    const { LineCounter, parseDocument, isNode, isMap, isPair } = await import("yaml");
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { lineCounter, logLevel: "error", prettyErrors: false });
    const offsetOf = (path: JsonPath): number | undefined => {
      const last = path.at(-1);
      const parent: unknown = path.length === 0 ? document.contents : document.getIn(path.slice(0, -1), true);
      const key = isMap(parent)
        ? parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(last))?.key
        : undefined;
      if (isNode(key)) return key.range?.[0];
      const own: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
      return isNode(own) ? own.range?.[0] : undefined;
    };
    return paths.map((path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const offset = offsetOf(path.slice(0, length));
        if (offset !== undefined) return lineCounter.linePos(offset).line;
      }
      return undefined;
    });
  } catch {
    // A bundle may not contain the parser; the paths are sufficient.
    return nowhere;
  }
}
