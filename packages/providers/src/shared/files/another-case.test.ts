import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type FileFixture, openFixture, read } from "../../../test/file/file-fixture.ts";

function fixtureOf(...files: readonly string[]): FileFixture {
  const fixture = openFixture();
  for (const file of files) {
    fs.mkdirSync(dirname(join(fixture.root, file)), { recursive: true });
    fs.writeFileSync(join(fixture.root, file), "s3cret-fixture");
  }
  return fixture;
}

test.each([
  ["DB/Primary", '"db/primary" differs only in case'],
  ["db/Primary", '"db/primary" differs only in case'],
  ["Db/primary", '"db/primary" differs only in case'],
  ["DB/secondary", undefined],
  ["db/primary", undefined],
  ["api/token", '"API/TOKEN", "API/Token" differ only in case'],
])("the error of a missing path contains existing paths in another case: %s", async (path, hint) => {
  await using fixture = fixtureOf("db/primary", "API/Token", "API/TOKEN");
  const place = `file or directory ${JSON.stringify(join(fixture.root, path))}`;
  expect(fixture.open().place?.(path)).toBe(hint === undefined ? place : `${place}; ${hint}`);
});

test("the error of a missing key contains keys of the volume in another case", async () => {
  await using fixture = openFixture();
  await (await fixture.writer("db")).write({ password: "s3cret-fixture" });
  const provider = fixture.open();
  expect(await read(provider, "db/Password")).toMatchObject({ status: "not-found" });
  expect(provider.place?.("db/Password")).toMatch(/; "db\/password" differs only in case$/);
});

test("names outside the root are not reported", async () => {
  await using fixture = fixtureOf("inner/token");
  const outside = join(dirname(fixture.root), "outside");
  fs.mkdirSync(outside);
  fs.writeFileSync(join(outside, "token"), "s3cret-fixture");
  fs.symlinkSync(outside, join(fixture.root, "leak"));
  fs.symlinkSync("inner", join(fixture.root, "link"));
  const provider = fixture.open();
  expect(provider.place?.("leak/Token")).not.toContain("only in case");
  expect(provider.place?.("link/Token")).toContain('"link/token" differs only in case');
});
