import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSnapshotFile, removeSnapshotFile, writeSnapshotFile } from "./snapshot-file.ts";

const always = (): boolean => true;

function newPath(): { readonly directory: string; readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), "tacit-snapshot-"));
  return { directory, path: join(directory, "app.snapshot") };
}

test("writes a file that only this user can read, reads it back, and leaves no other file", async () => {
  const { directory, path } = newPath();
  await writeSnapshotFile(path, "one", always);
  await writeSnapshotFile(path, "two", always);
  expect(await readSnapshotFile(path)).toBe("two");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["app.snapshot"]);
});

test("returns undefined for a file or directory that does not exist", async () => {
  expect(await readSnapshotFile(newPath().path)).toBeUndefined();
  expect(await readSnapshotFile(join(newPath().path, "missing"))).toBeUndefined();
});

test("keeps the old file if the new text is no longer wanted", async () => {
  const { directory, path } = newPath();
  await writeSnapshotFile(path, "one", always);
  await writeSnapshotFile(path, "two", () => false);
  expect(readFileSync(path, "utf8")).toBe("one");
  expect(readdirSync(directory)).toEqual(["app.snapshot"]);
});

test.each(["write", "remove"] as const)(
  "a %s removes the temporary file of a process that stopped before its rename",
  async (how) => {
    const { directory, path } = newPath();
    await writeSnapshotFile(path, "one", always);
    writeFileSync(`${path}.0123abcd.tmp`, "half");
    expect(await readSnapshotFile(path)).toBe("one");
    if (how === "write") await writeSnapshotFile(path, "two", always);
    else removeSnapshotFile(path);
    expect(readdirSync(directory)).toEqual(how === "write" ? ["app.snapshot"] : []);
  },
);

test("succeeds in removing a file that does not exist", () => {
  removeSnapshotFile(newPath().path);
  removeSnapshotFile(join(newPath().path, "missing"));
});

test("refuses a directory that everybody can write to", async () => {
  const { directory, path } = newPath();
  await writeSnapshotFile(path, "one", always);
  chmodSync(directory, 0o777);
  await expect(readSnapshotFile(path)).rejects.toMatchObject({ reason: "snapshot-permissions" });
  await expect(writeSnapshotFile(path, "two", always)).rejects.toMatchObject({ reason: "snapshot-permissions" });
});

test.each([0o604, 0o602, 0o601])("refuses a file with the mode %o", async (mode) => {
  const { path } = newPath();
  await writeSnapshotFile(path, "one", always);
  chmodSync(path, mode);
  await expect(readSnapshotFile(path)).rejects.toMatchObject({ reason: "snapshot-permissions" });
});

test("refuses a link and a directory, and overwrites neither", async () => {
  const { directory, path } = newPath();
  const target = join(directory, "target");
  writeFileSync(target, "theirs", { mode: 0o600 });
  symlinkSync(target, path);
  await expect(readSnapshotFile(path)).rejects.toMatchObject({ reason: "snapshot-permissions" });
  await expect(writeSnapshotFile(path, "two", always)).rejects.toMatchObject({ reason: "snapshot-permissions" });
  expect(readFileSync(target, "utf8")).toBe("theirs");
  const folder = join(directory, "folder");
  await mkdir(folder);
  await expect(readSnapshotFile(folder)).rejects.toMatchObject({ reason: "snapshot-permissions" });
  await expect(writeSnapshotFile(folder, "two", always)).rejects.toMatchObject({ reason: "snapshot-permissions" });
});

test("refuses a file that is too large before reading it", async () => {
  const { path } = newPath();
  await writeSnapshotFile(path, "one", always);
  truncateSync(path, 64 * 1024 * 1024 + 1);
  await expect(readSnapshotFile(path)).rejects.toMatchObject({ reason: "snapshot-too-large" });
});

test("reports why a file cannot be written", async () => {
  const path = join(newPath().directory, "missing", "app.snapshot");
  await expect(writeSnapshotFile(path, "one", always)).rejects.toMatchObject({
    code: "UNAVAILABLE",
    reason: "snapshot-file",
  });
});
