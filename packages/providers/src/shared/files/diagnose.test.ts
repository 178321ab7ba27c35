import * as fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forever, openFixture } from "../../../test/file/file-fixture.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

/** Creates a file system that presents a volume as in a container: read-only and in memory. */
const mounted: FileSystem = {
  ...nodeFileSystem,
  accessSync: (file, mode) => {
    if (mode === fs.constants.W_OK) throw Object.assign(new Error("EROFS"), { code: "EROFS" });
    fs.accessSync(file, mode);
  },
  statfsSync: (() => ({ type: 0x01021994 })) as never,
};

async function codesOf(fileSystem: FileSystem, prepare: (root: string) => void = () => undefined): Promise<unknown> {
  await using fixture = openFixture();
  await (await fixture.writer()).write({ username: "app", password: "s3cret-fixture" }, { defaultMode: 0o400 });
  prepare(fixture.root);
  const findings = (await fixture.open({}, fileSystem).diagnose?.(forever)) ?? [];
  expect(JSON.stringify(findings)).not.toContain("s3cret-fixture");
  return findings.map(({ level, code }) => `${level} ${code}`);
}

test("a Secret volume that only its owner may read has no finding", async () => {
  expect(await codesOf(mounted)).toEqual([]);
});

test("a volume on a disk is a finding", async () => {
  expect(await codesOf({ ...mounted, statfsSync: (() => ({ type: 0xef53 })) as never })).toEqual([
    "warning not-in-memory",
  ]);
});

test("a volume that this process can write is a finding", async () => {
  expect(await codesOf({ ...mounted, accessSync: () => undefined })).toEqual(["warning writable-directory"]);
});

test("each key that this process may not read is a finding", async () => {
  const accessSync: typeof fs.accessSync = (file, mode) => {
    if (mode === fs.constants.W_OK || String(file).endsWith("password")) throw new Error("EACCES");
  };
  expect(await codesOf({ ...mounted, accessSync })).toEqual(["error key-unreadable"]);
});

test("a missing root is a finding, and the only one", async () => {
  expect(await codesOf(mounted, (root) => fs.rmSync(root, { recursive: true }))).toEqual(["error root-not-found"]);
});

test("a limit on watches is a finding", async () => {
  const watch = (() => {
    throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  }) as never;
  expect(await codesOf({ ...mounted, watch })).toEqual(["warning inotify-limit"]);
});

test("a volume with the default mode of the kubelet, and a world-readable plain file, are findings", async () => {
  await using fixture = openFixture();
  await (await fixture.writer("db")).write({ username: "app", password: "s3cret-fixture" });
  fs.writeFileSync(join(fixture.root, "token"), "s3cret-fixture", { mode: 0o644 });
  fs.writeFileSync(join(fixture.root, "own"), "s3cret-fixture", { mode: 0o600 });
  const findings = (await fixture.open({}, mounted).diagnose?.(forever)) ?? [];
  expect(
    findings.map(({ level, code, message }) => `${level} ${code} ${message.replaceAll(fixture.root, "")}`),
  ).toEqual([
    'warning world-readable every user of this system may read "token" in ""',
    'info world-readable every user of this system may read "password", "username" in "/db"',
  ]);
});

test("a volume without `..data` is a finding", async () => {
  expect(await codesOf(mounted, (root) => fs.rmSync(join(root, "..data")))).toContain("error volume-incomplete");
});

test("a left-over link of a writer that died is a finding", async () => {
  expect(await codesOf(mounted, (root) => fs.symlinkSync("..x", join(root, "..data_tmp")))).toEqual([
    "warning volume-blocked",
  ]);
});

test("a file next to the links of a volume is a finding, since it does not change with the Secret", async () => {
  expect(await codesOf(mounted, (root) => fs.writeFileSync(join(root, "extra"), "x", { mode: 0o600 }))).toEqual([
    "warning beside-volume",
  ]);
});

test.each([
  [false, []],
  [true, ["volume-incomplete"]],
])("a link out of the root is followed only if the option allows it: %s", async (followExternalLinks, codes) => {
  await using fixture = openFixture();
  const volume = await fixture.writer("elsewhere/db");
  await volume.run([
    { do: "write", fields: { password: "s3cret-fixture" }, defaultMode: 0o400 },
    { do: "unlink-data" },
  ]);
  const root = join(fixture.root, "own");
  fs.mkdirSync(join(root, "inner"), { recursive: true });
  fs.symlinkSync("inner", join(root, "inside"));
  fs.symlinkSync("../elsewhere", join(root, "outside"));
  fs.symlinkSync(".", join(root, "self"));
  const listed = new Set<string>();
  const readdirSync = ((...input: Parameters<typeof fs.readdirSync>) => {
    listed.add(fs.realpathSync(String(input[0])));
    return fs.readdirSync(...input);
  }) as typeof fs.readdirSync;
  const provider = fixture.open({ root, followExternalLinks }, { ...mounted, readdirSync });
  const findings = (await provider.diagnose?.(forever)) ?? [];
  expect(findings.map(({ code }) => code)).toEqual(codes);
  expect([...listed].some((directory) => directory.includes("elsewhere"))).toBe(followExternalLinks);
});

test.each([
  ["/etc/secrets", true],
  ["/var/run/secrets/kubernetes.io/serviceaccount", false],
])("a provider of %s reports a mounted service account token as unused: %s", async (root, isUnused) => {
  await using fixture = openFixture();
  const statSync = (() => ({ isDirectory: () => true })) as never;
  const findings = await fixture.open({ root }, { ...mounted, statSync }).diagnose?.(forever);
  expect(findings?.map(({ code }) => code).includes("service-account-token")).toBe(isUnused);
});
