import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { markdownHeadings, markdownLinks } from "./markdown.ts";
import { type RepositoryFile, repositoryFiles } from "./repository-files.ts";
import { repository } from "./workspace.ts";

/** Where the files of this repository are read by those who have no copy of it. */
const published = "https://github.com/tacit-secrets/tacit/blob/main/";
const pages = repositoryFiles().filter(({ path }) => path.endsWith(".md"));

/** The links of a page to files of this repository that lead nowhere. */
function brokenLinks(page: RepositoryFile, all: readonly RepositoryFile[]): readonly string[] {
  return markdownLinks(page.text)
    .map(({ target }) => target)
    .filter((target) => target.startsWith(published) || !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page.path : pathOf(file, page);
      const linked = all.find((one) => one.path === path);
      if (linked === undefined || anchor === undefined)
        return linked === undefined && !existsSync(join(repository, path));
      return path.endsWith(".md") && !markdownHeadings(linked.text).some((heading) => heading.anchor === anchor);
    });
}

function pathOf(file: string, page: RepositoryFile): string {
  return file.startsWith(published) ? file.slice(published.length) : posix.join(posix.dirname(page.path), file);
}

test("there are pages to check", () => {
  expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(["SECURITY.md", "docs/errors.md"]));
});

test.each(pages)("every link of $path to this repository leads somewhere", (page) => {
  expect(brokenLinks(page, pages)).toEqual([]);
});

test.each(pages.filter(({ path }) => /^packages\/[^/]+\/README\.md$/.test(path)))(
  "$path, which is read without the other files, has no relative link",
  (page) => {
    const targets = markdownLinks(page.text).map(({ target }) => target);
    expect(targets.filter((target) => !/^[a-z]+:|^#/.test(target))).toEqual([]);
  },
);

test("a link to a missing page or heading is found", () => {
  const page = {
    path: "docs/a.md",
    text: `# A\n[1](b.md#b) [2](b.md#c) [3](c.md) [4](#a) [5](#d) [6](https://example.org/x) [7](${published}d.md) [8](${published}docs/b.md#b)`,
  };
  const found = brokenLinks(page, [page, { path: "docs/b.md", text: "## B" }]);
  expect(found).toEqual(["b.md#c", "c.md", "#d", `${published}d.md`]);
});
