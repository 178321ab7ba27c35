import { posix } from "node:path";
import { resolveRelative, type SourceTree } from "./source-tree.ts";

/** from -> what it imports, types included */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The files below a folder that import each other in a circle: one list for each circle, in order of their names. */
export function fileCircles(tree: SourceTree, below: string, isExempt: (path: string) => boolean): readonly string[][] {
  return circles(fileGraph(tree, below, isExempt));
}

/**
 * The folders below a folder whose files import each other in a circle. A folder and one inside it are one thing that is
 * cut into parts, so they may.
 */
export function folderCircles(
  tree: SourceTree,
  below: string,
  isExempt: (path: string) => boolean,
): readonly string[][] {
  const folders = new Map<string, Set<string>>();
  for (const [from, targets] of fileGraph(tree, below, isExempt)) {
    const folder = posix.dirname(from);
    const imported = folders.get(folder) ?? new Set();
    folders.set(folder, imported);
    for (const target of targets) {
      const other = posix.dirname(target);
      if (!isInside(other, folder) && !isInside(folder, other)) imported.add(other);
    }
  }
  return circles(folders);
}

function fileGraph({ files }: SourceTree, below: string, isExempt: (path: string) => boolean): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of files.values()) {
    if (!path.startsWith(below) || isExempt(path)) continue;
    const targets = imports.map(({ specifier }) => resolveRelative(path, specifier) ?? "");
    graph.set(path, new Set(targets.filter((target) => target.startsWith(below) && files.has(target))));
  }
  return graph;
}

/** Every strongly connected part of more than one node: the nodes that reach each other. */
function circles(graph: Graph): readonly string[][] {
  const reached = new Map([...graph.keys()].map((node) => [node, reachOf(graph, node)]));
  const found: string[][] = [];
  const seen = new Set<string>();
  for (const [node, reach] of reached) {
    if (seen.has(node) || !reach.has(node)) continue;
    const circle = [...reach].filter((other) => reached.get(other)?.has(node)).sort();
    for (const one of circle) seen.add(one);
    found.push(circle);
  }
  return found;
}

/** What a node reaches by one import or more. */
function reachOf(graph: Graph, from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [...(graph.get(from) ?? [])];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    pending.push(...(graph.get(node) ?? []));
  }
  return found;
}

function isInside(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(`${outer}/`);
}
