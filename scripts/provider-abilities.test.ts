import { existsSync, readdirSync, readFileSync } from "node:fs";
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
    expect(files.length === 0).toBe(/double only/.test(against));
  });
});

// What is tested on real time and not said there would be worth less than it is; what is said and not tested, more.
describe.each(adapterFolders())("the tests on real time of %s", (adapter) => {
  const { files } = proofOf(readFileSync(join(repository, optionPage(adapter)), "utf8"));
  const using = endToEndTests().filter(({ folder }) => uses(folder, adapter));

  test("are named by its page, where there are any", () => {
    expect(using.length > 0 && files.length === 0 ? using.map(({ file }) => file) : []).toEqual([]);
  });

  test("use it, or something beside them that does", () => {
    const named = files.filter((file) => file.startsWith("packages/e2e/"));
    expect(named.filter((file) => !using.some((each) => each.file === file))).toEqual([]);
  });
});

test.each([
  ['const provider = { use: "sops" };', true],
  ['await folder.open("sops", {})', true],
  ['await readBy("sops", options, "db")', true],
  ['programPath("sops")', false],
])("a test that says %s uses sops: %s", (text, expected) => {
  expect(uses(text, "sops")).toBe(expected);
});

test("a proof is read from its line", () => {
  expect(proofOf("# a\n\n<!-- tested: the real server; a.e2e.ts, b.e2e.ts -->\n")).toEqual({
    against: "the real server",
    files: ["a.e2e.ts", "b.e2e.ts"],
  });
  expect(proofOf("# a\n")).toEqual({ against: "a double only", files: [] });
});

/** A test on real time, with the text of everything in its folder: a service, a harness. */
interface EndToEndTest {
  readonly file: string;
  readonly folder: string;
}

function endToEndTests(): readonly EndToEndTest[] {
  const root = "packages/e2e/src";
  const folders = readdirSync(join(repository, root), { withFileTypes: true }).filter((each) => each.isDirectory());
  return folders.flatMap(({ name }) => {
    const files = readdirSync(join(repository, root, name)).filter((file) => file.endsWith(".ts"));
    const text = (file: string): string => readFileSync(join(repository, root, name, file), "utf8");
    const helpers = files.filter((file) => !file.endsWith(".e2e.ts")).map(text);
    return files
      .filter((file) => file.endsWith(".e2e.ts"))
      .map((file) => ({ file: `${root}/${name}/${file}`, folder: [text(file), ...helpers].join("\n") }));
  });
}

/** Whether a text configures or opens the adapter. */
function uses(text: string, adapter: string): boolean {
  return new RegExp(`(\\buse: |\\bopen\\(|readBy\\()"${adapter}"`).test(text);
}

test("a page without a place for the table is refused", () => {
  expect(() => withAbilities("# Providers\n", "")).toThrow("<!-- providers -->");
});
