import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { thirdPartyNotices } from "./third-party-notices.ts";

const home = mkdtempSync(join(tmpdir(), "notices-"));
afterAll(() => rmSync(home, { recursive: true }));

/** Writes an installed package and returns one of its files. */
function install(name: string, licence: string | undefined): string {
  const folder = join(home, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.2.3", license: "ISC" }));
  if (licence !== undefined) writeFileSync(join(folder, "LICENSE"), `${licence}\n`);
  return join(folder, "dist/index.js");
}

test("names each bundled package once, with its licence", () => {
  const [one, other] = [install("one", "Permission of one"), install("@scope/other", "Permission of other")];
  const notices = thirdPartyNotices(["src/index.ts", one, other, join(one, "../more.js")]);
  expect(notices.match(/^\S+ 1\.2\.3 \(ISC\)$/gm)).toEqual(["@scope/other 1.2.3 (ISC)", "one 1.2.3 (ISC)"]);
  expect(notices).toContain("Permission of one");
  expect(notices).toContain("Permission of other");
});

test("is empty where nothing is bundled", () => {
  expect(thirdPartyNotices(["src/index.ts"])).toBe("");
});

test("refuses a package whose licence could not travel with it", () => {
  expect(() => thirdPartyNotices([install("bare", undefined)])).toThrow("bare has no file with its licence");
});
