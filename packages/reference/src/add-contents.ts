import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Gives each page of a package the import that it is about for a title, and a table of contents. */
export function addContents(folder: string, packageName: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    writeFileSync(file, withContents(readFileSync(file, "utf8"), importOf(name, packageName)));
  }
}

/** The entry point that a page of the reference is about. */
function importOf(page: string, packageName: string): string {
  const entry = page.replace(/\.md$/, "");
  return /^(README|index)$/.test(entry) ? packageName : `${packageName}/${entry}`;
}

/** Returns a page with that title and, where it has groups of exports, with a list of them. */
export function withContents(page: string, title: string): string {
  const body = page.replace(/^# .*\n/, "");
  const groups = groupsOf(body);
  const contents = groups.map(({ group, entries }) => `**${group}**: ${entries.join(", ")}`).join("\n\n");
  const head = `# \`${title}\`\n`;
  return contents === "" ? `${head}${body}` : `${head}\n${contents}\n${body}`;
}

interface Group {
  readonly group: string;
  /** Links to the titles of its exports. */
  readonly entries: string[];
}

function groupsOf(body: string): readonly Group[] {
  const groups: Group[] = [];
  const seen = new Map<string, number>();
  for (const [, level = "", text = ""] of body.matchAll(/^(#{2,}) (.+)$/gm)) {
    const slug = slugOf(text);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    if (level === "##") groups.push({ group: text, entries: [] });
    else if (level === "###") groups.at(-1)?.entries.push(`[${text}](#${slug}${times === 0 ? "" : `-${times}`})`);
  }
  return groups.filter(({ entries }) => entries.length > 0);
}

/** The anchor of a title, as GitHub makes it, before it is numbered. */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
