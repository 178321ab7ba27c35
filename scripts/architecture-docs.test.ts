import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { coreColumn } from "./import-rules.ts";
import { markdownHeadings, markdownSection } from "./markdown.ts";
import { repository } from "./workspace.ts";

const page = readFileSync(join(repository, "docs/architecture.md"), "utf8");
const walks = markdownHeadings(markdownSection(page, "Five walks") ?? "").filter(({ level }) => level === 3);

/** What stands in backquotes in the first cell of each row of a section's table. */
function rowsOf(section: string): readonly string[] {
  return [...(markdownSection(page, section) ?? "").matchAll(/^\| `([^`|]+)` \|/gm)].map(([, name = ""]) => name);
}

/** The files that a walk names, from the root. */
function filesOf(walk: string): readonly string[] {
  return [...(markdownSection(page, walk) ?? "").matchAll(/`([\w./-]+\.ts)`/g)].map(([, path = ""]) =>
    path.startsWith("packages/") ? path : `packages/core/src/${path}`,
  );
}

describe("architecture.md", () => {
  test("has one line for each folder of the column, in its order", () => {
    expect(rowsOf("The folders of core")).toEqual(coreColumn);
  });

  test("has five walks", () => {
    expect(walks).toHaveLength(5);
  });

  test.each(walks.map(({ title }) => title))("names files that exist: %s", (walk) => {
    const files = filesOf(walk);
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
  });
});
