import * as fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../../test/file/file-fixture.ts";
import { createStrictFileSystem } from "../../../../test/file/strict-file-system.ts";

const pair = { username: "app", password: "s3cret-fixture" };

function putPair(root: string): void {
  fs.mkdirSync(join(root, "db"));
  for (const [key, value] of Object.entries(pair)) fs.writeFileSync(join(root, "db", key), value);
}

test.each([
  ["vim", ".password.swp"],
  ["vim, a second session", ".password.swo"],
  ["vim and Emacs, a backup", "password~"],
  ["Emacs, an automatic save", "#password#"],
  ["Emacs, a lock", ".#password"],
  ["rsync", ".password.Xy12Ab"],
  ["NFS, of a file that is open while it is deleted", ".nfs000000000012ab3400000001"],
  ["agenix", "password.tmp"],
  ["Vault Agent's token sink", "password.tmp.4f2a"],
  ["consul-template", "password.bak"],
  ["the Finder of macOS", ".DS_Store"],
])("a file of %s is not a field, but can be read by its name", async (_who, name) => {
  await using fixture = openFixture();
  putPair(fixture.root);
  const provider = fixture.open();
  const first = await read(provider, "db");
  if (first.status !== "ok") throw new Error("nothing was read");
  fs.writeFileSync(join(fixture.root, "db", name), "anything");
  expect(await read(provider, "db", first.version)).toEqual({ status: "not-modified", version: first.version });
  expect(await textOf(read(provider, `db/${name}`))).toBe("anything");
});

test("a name in the form of rsync is a field if it does not replace another file", async () => {
  await using fixture = openFixture();
  putPair(fixture.root);
  fs.writeFileSync(join(fixture.root, "db/.config.prod42"), "kept");
  expect(await textOf(read(fixture.open(), "db"))).toEqual({ ...pair, ".config.prod42": "kept" });
});

test("temporary files of an editor cause no hints", async () => {
  await using fixture = openFixture();
  putPair(fixture.root);
  const recorder = await listen(fixture.open(), "db");
  for (const name of [".password.swp", "password~", "4913.tmp"]) fs.writeFileSync(join(fixture.root, "db", name), "x");
  await recorder.isTold(() => fs.writeFileSync(join(fixture.root, "db/password"), "next"));
  await recorder.hears("db", { ...pair, password: "next" });
  // One hint for the truncation, and one for the write.
  expect(recorder.hints).toBeLessThanOrEqual(2);
});

test("lost+found is omitted only directly below the root", async () => {
  await using fixture = openFixture();
  fs.writeFileSync(join(fixture.root, "password"), "s3cret-fixture");
  fs.mkdirSync(join(fixture.root, "lost+found"), { mode: 0 });
  const provider = fixture.open({}, createStrictFileSystem().fileSystem);
  expect(await textOf(read(provider, "."))).toEqual({ password: "s3cret-fixture" });
  fs.mkdirSync(join(fixture.root, "db/lost+found"), { recursive: true });
  fs.writeFileSync(join(fixture.root, "db/lost+found/key"), "x");
  expect(await textOf(read(provider, "db"))).toEqual({ "lost+found/key": "x" });
});
