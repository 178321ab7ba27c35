import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Results } from "./results.ts";
import { contenderTables, goalTable, summaryTable } from "./tables.ts";

/** The page that shows the results. */
export const performanceDocument: string = fileURLToPath(new URL("../../../../docs/performance.md", import.meta.url));

/** Puts the tables of these results between the page's markers. */
export function withTables(page: string, results: Results): string {
  const blocks = {
    summary: summaryTable(results),
    goals: goalTable(results),
    contenders: contenderTables(results),
  };
  return Object.entries(blocks).reduce((text, [marker, content]) => between(text, marker, content), page);
}

/** Rewrites the page for these results. */
export function updateDocument(results: Results): void {
  writeFileSync(performanceDocument, withTables(readFileSync(performanceDocument, "utf8"), results));
}

function between(page: string, marker: string, content: string): string {
  const start = `<!-- ${marker}: start, written by the benches -->`;
  const end = `<!-- ${marker}: end -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has lost its ${marker} markers`);
  return `${page.slice(0, from + start.length)}\n\n${content}\n\n${page.slice(to)}`;
}
