import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const below = await readdir(new URL("docs/", root), { recursive: true });
const pages = ["README.md", ...below.map((name) => `docs/${name}`)].filter((name) => name.endsWith(".md"));
const blocks = (await Promise.all(pages.map(shownFiles))).flat();

/** The fenced blocks that a page announces as the content of a file. */
async function shownFiles(page: string): Promise<{ page: string; file: string; code: string }[]> {
  const text = await readFile(new URL(page, root), "utf8");
  const announced = text.matchAll(/<!-- file: (?<file>\S+) -->\n```\w*\n(?<code>.*?)```\n/gs);
  return [...announced].map(({ groups = {} }) => ({ page, file: groups.file ?? "", code: groups.code ?? "" }));
}

describe("docs", () => {
  test.each(blocks)("$page shows $file as it is", async ({ file, code }) => {
    expect(code).toBe(await readFile(new URL(file, root), "utf8"));
  });

  test("writing-a-provider.md shows the map adapter and its test", () => {
    const shown = blocks.filter(({ page }) => page === "docs/writing-a-provider.md").map(({ file }) => file);
    expect(shown).toEqual([
      "packages/examples/src/map-adapter/map-adapter.ts",
      "packages/examples/src/map-adapter/map-adapter.test.ts",
    ]);
  });
});
