/** The part of the package `yaml` that splits a text into tokens, without recursion. */
export interface YamlParser {
  new (): { parse(text: string): Iterable<unknown> };
}

/**
 * Returns the offset of the first map or list that is nested deeper than that many levels; undefined if there is none. To be asked before
 * a text is composed: the package recurses for each level, and how it fails depends on the stack that is left, up to the end of the
 * process.
 */
export function deepYamlOffset(text: string, deepest: number, Parser: YamlParser): number | undefined {
  const open: { readonly token: unknown; readonly depth: number }[] = [];
  let first: number | undefined;
  for (const token of new Parser().parse(text)) open.push({ token, depth: 0 });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, key, items, offset } = (next.token ?? {}) as YamlToken;
    const depth = next.depth + (items === undefined ? 0 : 1);
    if (depth > deepest) first = Math.min(first ?? Number.POSITIVE_INFINITY, Number(offset));
    else for (const token of [value, key, ...(items ?? [])]) if (typeof token === "object") open.push({ token, depth });
  }
  return first;
}

/** A document, a collection or one of its items; scalars have none of these members but the offset. */
interface YamlToken {
  readonly value?: unknown;
  readonly key?: unknown;
  readonly items?: readonly unknown[];
  readonly offset?: number;
}
