import type { Node, Pair, Scalar } from "yaml";
import type { ParseFailures } from "../../shared/parse/parse-errors.ts";
import type { YamlDocument } from "../../shared/parse/yaml.ts";
import type { CommentTest } from "../tree.ts";

/** Tells of the key of a pair, or of an item of a list, whether a comment may stand at it. */
export type CommentedNodes = ReadonlySet<Node>;

/** What can have a comment: a key with its value, or an item. */
interface Entry {
  readonly node: Node;
  readonly offset: number;
  readonly line: number;
  /** Where its scalar ends; undefined where there is none, or an empty one. */
  readonly end?: { readonly offset: number; readonly line: number } | undefined;
}

/**
 * Finds the keys and items at which a comment may stand: that whose value ends in its line, else what begins in its line or next behind it.
 * Which of these the parser of SOPS takes depends on blank lines and indentation; as nothing verifies a comment, all of them count.
 * @throws {SecretError} INVALID_VALUE `unsupported-syntax` for a list or map in braces, within which SOPS never writes a comment
 */
export function commentedNodes(
  text: string,
  documents: readonly YamlDocument[],
  isAsked: CommentTest,
  { yaml, failures }: { readonly yaml: typeof import("yaml"); readonly failures: ParseFailures },
): CommentedNodes {
  const entries = documents.flatMap((document) => entriesOf(document, text, { yaml, failures }));
  entries.sort((left, right) => left.offset - right.offset);
  const byLine = grouped(entries, ({ line }) => line);
  const byEnd = grouped(entries, ({ end }) => end?.line);
  const found = new Set<Node>();
  for (const { offset, line, comment } of commentsOf(text, yaml)) {
    if (!isAsked(comment) && !isAsked(comment.trim())) continue;
    const ended = (byEnd.get(line) ?? []).findLast(({ end }) => end !== undefined && end.offset <= offset);
    const next = firstBehind(entries, offset);
    const places = ended === undefined ? [...(byLine.get(line) ?? []), ...(byLine.get(next?.line) ?? [])] : [ended];
    for (const { node } of places) found.add(node);
  }
  return found;
}

function entriesOf(
  { contents, lineOf }: YamlDocument,
  text: string,
  { yaml, failures }: { readonly yaml: typeof import("yaml"); readonly failures: ParseFailures },
): Entry[] {
  const entries: Entry[] = [];
  const add = (node: Node, value: unknown): void => {
    const [offset, line] = [node.range?.[0] ?? 0, lineOf(node) ?? 0];
    const [start, end] = yaml.isScalar(value) ? (value.range ?? [0, 0]) : [0, 0];
    entries.push({
      node,
      offset,
      line,
      end: end > start ? { offset: end, line: line + linesBetween(text, offset, end) } : undefined,
    });
  };
  yaml.visit(contents, {
    Pair: (_index, { key, value }: Pair<unknown, unknown>) => add(key as Scalar, value),
    Seq(_index, { items }) {
      for (const item of items) if (yaml.isNode(item)) add(item, item);
    },
    Collection(_index, node) {
      if (node.flow === true && node.items.length > 0)
        throw failures.unsupported(
          "has a list or map in flow style in a file where comments determine what is encrypted",
          {
            line: lineOf(node),
          },
        );
    },
  });
  return entries;
}

/** In the order that they are in. */
function grouped(
  entries: readonly Entry[],
  lineOf: (entry: Entry) => number | undefined,
): ReadonlyMap<number | undefined, readonly Entry[]> {
  const groups = new Map<number | undefined, Entry[]>();
  for (const entry of entries) {
    const line = lineOf(entry);
    if (line === undefined) continue;
    const group = groups.get(line) ?? [];
    groups.set(line, group);
    group.push(entry);
  }
  return groups;
}

interface Comment {
  readonly offset: number;
  readonly line: number;
  readonly comment: string;
}

/** The scalars of the lexer have a sign before them, so a text that begins with # is none. */
function* commentsOf(text: string, yaml: typeof import("yaml")): Generator<Comment> {
  let [offset, line] = [0, 1];
  let before = "";
  for (const lexeme of new yaml.Lexer().lex(text)) {
    if (before !== yaml.CST.SCALAR && lexeme.startsWith("#")) yield { offset, line, comment: lexeme.slice(1) };
    before = lexeme;
    if (signs.has(lexeme)) continue;
    offset += lexeme.length;
    line += linesBetween(lexeme, 0, lexeme.length);
  }
}

/** What the lexer puts between the pieces of a text: the beginning of a document, the end of a broken one, and a scalar. */
const signs: ReadonlySet<string> = new Set(["\u0002", "\u0018", "\u001f"]);

function linesBetween(text: string, start: number, end: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/** The first entry behind a place; they are in order. */
function firstBehind(entries: readonly Entry[], offset: number): Entry | undefined {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.offset ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return entries[low];
}
