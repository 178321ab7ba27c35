import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { markdownHeadings, markdownLinks } from "./markdown.ts";
import { type RepositoryFile, repositoryFiles } from "./repository-files.ts";
import { repository } from "./workspace.ts";

const pages = repositoryFiles().filter(({ path }) => path.endsWith(".md"));

/** The relative links of a page that lead nowhere. */
function brokenLinks(page: RepositoryFile, all: readonly RepositoryFile[]): readonly string[] {
  return markdownLinks(page.text)
    .map(({ target }) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page.path : posix.join(posix.dirname(page.path), file);
      const linked = all.find((one) => one.path === path);
      if (linked === undefined || anchor === undefined)
        return linked === undefined && !existsSync(join(repository, path));
      return path.endsWith(".md") && !markdownHeadings(linked.text).some((heading) => heading.anchor === anchor);
    });
}

test("there are pages to check", () => {
  expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(["SECURITY.md", "docs/errors.md"]));
});

test.each(pages)("every relative link of $path leads somewhere", (page) => {
  expect(brokenLinks(page, pages)).toEqual([]);
});

test("a link to a missing page or heading is found", () => {
  const page = {
    path: "docs/a.md",
    text: "# A\n[1](b.md#b) [2](b.md#c) [3](c.md) [4](#a) [5](#d) [6](https://example.org/x)",
  };
  expect(brokenLinks(page, [page, { path: "docs/b.md", text: "## B" }])).toEqual(["b.md#c", "c.md", "#d"]);
});
