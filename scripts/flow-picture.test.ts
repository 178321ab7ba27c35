import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adapterFolders } from "./adapter-list.ts";
import { drawFlow, flowPictureFile } from "./flow-picture.ts";
import { repository } from "./workspace.ts";

test("the picture of the README is what its script draws (to draw it: npx pnpm@12 generate)", () => {
  expect(readFileSync(join(repository, flowPictureFile), "utf8")).toBe(drawFlow());
});

test("the picture names every provider, each line within its box", () => {
  const drawing = drawFlow();
  for (const name of adapterFolders()) expect(drawing).toContain(name);
  const rows = [...drawing.matchAll(/<text x="664" y="(?<y>[\d.]+)"[^>]*>(?<text>[^<]+)</g)];
  expect(rows.length).toBeGreaterThan(1);
  for (const { groups } of rows) {
    expect(Number(groups?.y)).toBeLessThan(300);
    expect(groups?.text?.length).toBeLessThan(30);
  }
});
