import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { forever, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";
import { createClosedFileSystem, createStrictFileSystem } from "../../../test/file/strict-file-system.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

const denied = { code: "PERMISSION_DENIED", reason: "file-permission" };

/** Creates a file system whose calls a runtime denies. */
function refusing(thrown: () => unknown): FileSystem {
  const refuse = (): never => {
    throw thrown();
  };
  const refuseLater = async (): Promise<never> => refuse();
  const calls = Object.fromEntries(Object.keys(nodeFileSystem).map((name) => [name, refuse]));
  const promises = { lstat: refuseLater, open: refuseLater, readdir: refuseLater, realpath: refuseLater };
  return { ...calls, promises } as unknown as FileSystem;
}

describe("a runtime that was started without the permission to read", () => {
  test.each([
    ["Node", () => Object.assign(new Error("Access to this API has been restricted"), { code: "ERR_ACCESS_DENIED" })],
    ["Deno", () => Object.assign(new Error("Requires read access"), { name: "NotCapable" })],
  ])("%s is reported with the flag that allows it", async (_runtime, thrown) => {
    await using fixture = openFixture();
    const provider = fixture.open({}, refusing(thrown));
    const tip = expect.stringMatching(/--allow-fs-read.*--allow-read/);
    for (const path of ["db", "db/password", "."])
      await expect(read(provider, path)).rejects.toMatchObject({ ...denied, tip });
    await expect(provider.check?.(forever)).rejects.toMatchObject({ ...denied, tip });
    const subscription = await provider.subscribe?.(["db"], () => undefined, forever);
    expect(subscription?.state).toEqual({ mode: "poll", code: "watch-failed" });
  });
});

describe("a directory that may be listed, but not entered", () => {
  test.each(["tls", "a/b/tls"])("is reported by a read and by diagnose: %s", async (below) => {
    await using fixture = openFixture();
    await (await fixture.writer(below)).write({ "ca.pem": "s3cret-fixture" }, { defaultMode: 0o400 });
    const directory = join(fixture.root, below);
    fs.chmodSync(directory, 0o644);
    const provider = fixture.open({}, createClosedFileSystem());
    const tip = expect.stringContaining(`"${directory}" has mode 0644`);
    for (const path of [below, `${below}/ca.pem`])
      await expect(read(provider, path)).rejects.toMatchObject({ ...denied, tip });
    const findings = (await provider.diagnose?.(forever)) ?? [];
    const errors = findings.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([{ code: "directory-closed", tip }]);
    fs.chmodSync(directory, 0o755);
    expect(await textOf(read(provider, `${below}/ca.pem`))).toBe("s3cret-fixture");
  });

  test("is named in the error of a read of its plain parent directory", async () => {
    await using fixture = openFixture();
    fs.mkdirSync(join(fixture.root, "db/inner"), { recursive: true });
    fs.writeFileSync(join(fixture.root, "db/inner/password"), "s3cret-fixture");
    fs.chmodSync(join(fixture.root, "db/inner"), 0);
    const provider = fixture.open({}, createStrictFileSystem().fileSystem);
    await expect(read(provider, "db")).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining('"db/inner'),
    });
    fs.chmodSync(join(fixture.root, "db/inner"), 0o755);
  });
});

describe("a key that only root may read", () => {
  test("denies all fields, with its name in the error, and other keys can be read one by one", async () => {
    await using fixture = openFixture();
    const modes = { "root-only": 0 };
    await (await fixture.writer("db")).write({ password: "s3cret-fixture", "root-only": "s3cret-fixture" }, { modes });
    const provider = fixture.open({}, createStrictFileSystem().fileSystem);
    const message = expect.stringContaining('"db/root-only"');
    await expect(read(provider, "db")).rejects.toMatchObject({ ...denied, message });
    expect(await textOf(read(provider, "db/password"))).toBe("s3cret-fixture");
  });

  test("keeps its version when its permissions change", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write({ password: "s3cret-fixture" });
    const provider = fixture.open();
    const first = await read(provider, "db");
    if (first.status !== "ok") throw new Error("nothing was read");
    await writer.run([{ do: "chmod", path: "password", mode: 0o400 }]);
    expect(await read(provider, "db", first.version)).toEqual({ status: "not-modified", version: first.version });
  });
});
