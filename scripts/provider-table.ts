import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adapterFolders } from "./adapter-list.ts";
import { optionPage } from "./option-tables.ts";
import { repository } from "./workspace.ts";

/** page, from the root of the repository -> what its links to the pages of providers begin with */
const tablePages: Readonly<Record<string, string>> = {
  "README.md": "docs/providers/",
  "packages/providers/README.md": "https://github.com/tacit-secrets/tacit/blob/main/docs/providers/",
};

/** The pages that list every provider. */
export const providerTablePages: readonly string[] = Object.keys(tablePages);

/**
 * Returns a page with the table of providers that their own pages say.
 * @throws when the page has not one place for the table
 */
export function withProviderTable(file: string): string {
  const parts = readFileSync(join(repository, file), "utf8").split(/<!-- \/?providers -->/);
  if (parts.length !== 3) throw new Error(`${file} needs one "<!-- providers -->" and its end`);
  const table = providerTable(tablePages[file] ?? "");
  return `${parts[0]}<!-- providers -->\n\n${table}\n<!-- /providers -->${parts[2]}`;
}

/** One row for each provider: its name, the first sentence of its page, and the pages that belong to it. */
function providerTable(links: string): string {
  const pages = readdirSync(join(repository, "docs/providers"));
  const rows = adapterFolders().map((name) => {
    const further = pages.filter((page) => page.startsWith(`${name}-`) && !isAdapter(page));
    const more = further.map((page) => `[${page.slice(name.length + 1, -3)}](${links}${page})`);
    const see = more.length === 0 ? "" : `; see ${more.join(" and ")}`;
    return `| [\`${name}\`](${links}${name}.md) | ${readsOf(name)}${see} |\n`;
  });
  return `| \`use\` | reads |\n| --- | --- |\n${rows.join("")}`;
}

function isAdapter(page: string): boolean {
  return adapterFolders().includes(page.replace(/\.md$/, ""));
}

/** @throws when the page does not begin with a sentence that says so */
function readsOf(name: string): string {
  const text = readFileSync(join(repository, optionPage(name)), "utf8").replaceAll("\n", " ");
  const [, reads] = /^# \S+ {2}Reads (.+?)\.(?: |$)/.exec(text) ?? [];
  if (reads === undefined) throw new Error(`${optionPage(name)} does not begin with "Reads ..."`);
  // Links of that page do not lead there from elsewhere.
  return reads.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1");
}

if (import.meta.main)
  for (const page of providerTablePages) writeFileSync(join(repository, page), withProviderTable(page));
