import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adapterFolders } from "./adapter-list.ts";
import { optionPage } from "./option-tables.ts";
import { abilitiesTable, proofOf, providerIndexPage, withAbilities } from "./provider-abilities.ts";
import { repository } from "./workspace.ts";

const page = readFileSync(join(repository, providerIndexPage), "utf8");

test(`${providerIndexPage} has the table that the adapters say (to write it: npx pnpm@12 generate)`, async () => {
  expect(page).toBe(withAbilities(page, await abilitiesTable()));
});

test.each(adapterFolders())("%s has a row", (adapter) => {
  expect(page).toContain(`\n| [${adapter}](${adapter}.md) | `);
});

describe.each(adapterFolders())("what the page of %s says of its tests", (adapter) => {
  const { against, files } = proofOf(readFileSync(join(repository, optionPage(adapter)), "utf8"));

  test("names files that are there, and none where a double is all", () => {
    expect(files.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
    expect(files.length === 0).toBe(/double alone/.test(against));
  });
});

test("a proof is read from its line", () => {
  expect(proofOf("# a\n\n<!-- tested: the real server; a.e2e.ts, b.e2e.ts -->\n")).toEqual({
    against: "the real server",
    files: ["a.e2e.ts", "b.e2e.ts"],
  });
  expect(proofOf("# a\n")).toEqual({ against: "a double alone", files: [] });
});

test("a page without a place for the table is refused", () => {
  expect(() => withAbilities("# Providers\n", "")).toThrow("<!-- providers -->");
});
