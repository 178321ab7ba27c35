import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The Markdown plugin sometimes numbers the anchor of a title that stands once. Such links lose their number. */
export function mendAnchors(folder: string): void {
  const names = readdirSync(folder);
  const texts = new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  for (const [name, text] of texts) {
    const mended = text.replaceAll(
      /\(([\w.-]*\.md)?#([\w-]+?)-\d+\)/g,
      (link, page: string | undefined, anchor: string) => {
        return titlesLike(anchor, texts.get(page ?? name) ?? "") === 1 ? `(${page ?? ""}#${anchor})` : link;
      },
    );
    writeFileSync(join(folder, name), mended);
  }
}

/** How many titles of a page lead to an anchor, before they are numbered. */
function titlesLike(anchor: string, text: string): number {
  const titles = text.matchAll(/^#+ (.+)$/gm);
  return [...titles].filter(([, title = ""]) => title.toLowerCase().replaceAll(/[^\w-]/g, "") === anchor).length;
}
