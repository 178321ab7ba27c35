import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { docsPage } from "./docs-page.ts";

test.each(["configuration", "writing-a-provider"] as const)(
  "leads to docs/%s.md of the published repository",
  (page) => {
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { repository } = JSON.parse(manifest) as { repository: { url: string } };
    const root = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/`;
    expect(docsPage(page).startsWith(root)).toBe(true);
    expect(existsSync(new URL(`../../../../${docsPage(page).slice(root.length)}`, import.meta.url))).toBe(true);
  },
);
