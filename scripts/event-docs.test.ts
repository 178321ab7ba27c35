import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { markdownSection } from "./markdown.ts";
import { repository } from "./workspace.ts";

const read = (path: string): string => readFileSync(join(repository, path), "utf8");

/** The names in backquotes in the first column of a section's table. */
function firstColumn(path: string, section: string): readonly string[] {
  const rows = (markdownSection(read(path), section) ?? "").matchAll(/^\| (`[^|]+`) +\| /gm);
  return [...rows].flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w-]+)/g)].map(([, name = ""]) => name));
}

test("hot-reload.md lists every type of event", () => {
  const types = [...read("packages/core/src/events/event-facts.ts").matchAll(/readonly type: "([\w-]+)"/g)];
  expect(types.length).toBeGreaterThan(9);
  expect(firstColumn("docs/hot-reload.md", "Events").toSorted()).toEqual(types.map(([, type]) => type).toSorted());
});

test("configuration.md lists every option of a declaration beside `ref` and `as`", () => {
  const [, body = ""] =
    /interface AnyDeclaration \{(.*?)\n\}/s.exec(read("packages/core/src/declare/declaration.ts")) ?? [];
  const options = [...body.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, option = ""]) => option);
  const told = firstColumn("docs/configuration.md", "What the application decides");
  expect(options).toContain("rotateEvery");
  expect([...told, "as"].toSorted()).toEqual(options.toSorted());
});
