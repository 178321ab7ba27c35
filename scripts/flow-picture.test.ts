import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawFlow, flowPictureFile } from "./flow-picture.ts";
import { repository } from "./workspace.ts";

test("the picture of the README is what its script draws (to draw it: npx pnpm@12 generate)", () => {
  expect(readFileSync(join(repository, flowPictureFile), "utf8")).toBe(drawFlow());
});

test("every line of the picture lies within its box", () => {
  const texts = [...drawFlow().matchAll(/<text x="(?<x>[\d.]+)" y="(?<y>[\d.]+)"[^>]*>(?<text>[^<]+)</g)];
  expect(texts.length).toBeGreaterThan(20);
  for (const { groups } of texts) {
    expect(Number(groups?.y)).toBeLessThan(300);
    // A letter is about half as wide as it is high.
    expect(Number(groups?.x) + 6.5 * (groups?.text?.length ?? 0)).toBeLessThan(860);
  }
});
