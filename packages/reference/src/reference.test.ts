import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { convert } from "./convert.ts";
import { packages, referenceFolder } from "./packages.ts";

const written = mkdtempSync(join(tmpdir(), "tacit-reference-"));
afterAll(() => rmSync(written, { recursive: true }));

/** file -> text */
function pagesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe.each(packages)("the reference of @tacit/%s", (name) => {
  test("has every export documented, and is that of the sources (to write it: npx pnpm@12 reference)", async () => {
    const { complaints, write } = await convert(name);
    expect(complaints).toEqual([]);
    await write(join(written, name));
    expect(pagesOf(join(referenceFolder, name))).toEqual(pagesOf(join(written, name)));
  }, 60_000);
});
