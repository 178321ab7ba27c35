import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type FileFixture, forever, listen, openFixture, read, textOf } from "../../../test/file/file-fixture.ts";

const gone = { status: "not-found", definitive: true };

interface Layout {
  /** Writes the fields, and returns a function that writes them again. */
  make(fixture: FileFixture, below: string): Promise<(fields: Readonly<Record<string, string>>) => Promise<unknown>>;
}

const plain: Layout = {
  async make({ root }, below) {
    fs.mkdirSync(join(root, below), { recursive: true });
    return async (fields) => {
      for (const [key, value] of Object.entries(fields)) {
        fs.writeFileSync(`${root}-next`, value);
        fs.renameSync(`${root}-next`, join(root, below, key));
      }
    };
  },
};

const volumeIn = (order: "current" | "legacy"): Layout => ({
  async make(fixture, below) {
    const writer = await fixture.writer(below);
    return (fields) => writer.write(fields, { order });
  },
});

const layouts: Readonly<Record<string, Layout>> = {
  "a Secret volume": volumeIn("current"),
  "a CSI volume": volumeIn("legacy"),
  "a plain directory": plain,
};
const pairs = Object.keys(layouts).flatMap((outer) => Object.keys(layouts).map((inner) => [inner, outer] as const));

describe("a mount below another one", () => {
  test.each(pairs)("%s in %s is read as a whole and by key, and its changes are reported", async (inner, outer) => {
    await using fixture = openFixture();
    const writeOuter = await layouts[outer]?.make(fixture, "app");
    await writeOuter?.({ username: "outer-1" });
    const writeInner = await layouts[inner]?.make(fixture, "app/tls");
    await writeInner?.({ "tls.crt": "crt-1", "tls.key": "key-1" });
    const provider = fixture.open();
    const recorder = await listen(provider, "app/tls", "app/tls/tls.key");
    expect(await textOf(read(provider, "app/tls"))).toEqual({ "tls.crt": "crt-1", "tls.key": "key-1" });
    expect(await textOf(read(provider, "app/tls/tls.key"))).toBe("key-1");
    expect(await textOf(read(provider, "app/username"))).toBe("outer-1");
    expect(recorder.subscription.state).toEqual({ mode: "push" });
    const next = { "tls.crt": "crt-2", "tls.key": "key-2" };
    await recorder.isTold(() => writeInner?.(next));
    await recorder.hears("app/tls", next);
    await recorder.hears("app/tls/tls.key", "key-2");
    await writeOuter?.({ username: "outer-2" });
    expect(await textOf(read(provider, "app/username"))).toBe("outer-2");
    expect(await read(provider, "app/none")).toEqual(gone);
    expect(await read(provider, "app/tls/none")).toEqual(gone);
  });

  test.each(Object.keys(layouts))(
    "a single file next to the keys of %s is read, and its changes are reported",
    async (outer) => {
      await using fixture = openFixture();
      const writeOuter = await layouts[outer]?.make(fixture, "app");
      await writeOuter?.({ username: "outer-1" });
      const file = join(fixture.root, "app/extra");
      fs.writeFileSync(file, "extra-1");
      const provider = fixture.open();
      const recorder = await listen(provider, "app/extra");
      await recorder.hears("app/extra", "extra-1");
      await recorder.isTold(() => fs.writeFileSync(file, "extra-2"));
      await recorder.hears("app/extra", "extra-2");
    },
  );

  test("diagnose checks mounts at any depth, and reports none as a file next to a volume", async () => {
    await using fixture = openFixture();
    await (await fixture.writer("a")).write({ username: "app" }, { defaultMode: 0o400 });
    await (await fixture.writer("a/b")).write({ username: "app" }, { defaultMode: 0o400 });
    await (await fixture.writer("c/d/e")).run([
      { do: "write", fields: { key: "1" }, defaultMode: 0o400 },
      { do: "unlink-data" },
    ]);
    const findings = (await fixture.open().diagnose?.(forever)) ?? [];
    const codes = findings.map(({ code, message }) => `${code} ${message.split(" ")[0]?.replaceAll(fixture.root, "")}`);
    expect(codes).toContain('volume-incomplete "/c/d/e"');
    expect(codes.filter((code) => /beside-volume/.test(code))).toEqual([]);
  });
});

describe("a copy of a volume", () => {
  test.each([
    ["cp -rL", ["cp", "-rL"]],
    ["cp -aL", ["cp", "-aL"]],
  ])("whose links %s resolved is a plain directory", async (_label, [command = "", ...flags]) => {
    await using fixture = openFixture();
    await (await fixture.writer("mounted")).write({ username: "app", password: "s3cret-fixture" });
    execFileSync(command, [...flags, join(fixture.root, "mounted"), join(fixture.root, "copy")]);
    const provider = fixture.open();
    const fields = { username: "app", password: "s3cret-fixture" };
    expect(await textOf(read(provider, "copy/password"))).toBe("s3cret-fixture");
    const recorder = await listen(provider, "copy");
    expect(await textOf(read(provider, "copy"))).toEqual(fields);
    expect(await textOf(read(provider, "copy/password"))).toBe("s3cret-fixture");
    await recorder.isTold(() => fs.writeFileSync(join(fixture.root, "copy/password"), "s3cret-fixture-2"));
    await recorder.hears("copy", { ...fields, password: "s3cret-fixture-2" });
    const findings = (await provider.diagnose?.(forever)) ?? [];
    expect(findings.map(({ code, message }) => `${code} ${message.includes("/copy")}`)).toContain("copied-volume true");
    expect(findings.map(({ code }) => code)).not.toContain("volume-incomplete");
  });

  test("that replaces the volume, with resolved links, is read once it is complete", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write({ password: "mounted" });
    const provider = fixture.open();
    expect(await textOf(read(provider, "db"))).toEqual({ password: "mounted" });
    execFileSync("cp", ["-rL", join(fixture.root, "db"), `${fixture.root}-copy`]);
    fs.writeFileSync(join(`${fixture.root}-copy`, "password"), "copied");
    fs.rmSync(join(fixture.root, "db"), { recursive: true });
    fs.renameSync(`${fixture.root}-copy`, join(fixture.root, "db"));
    expect(await textOf(read(provider, "db"))).toEqual({ password: "copied" });
    expect(await textOf(read(provider, "db/password"))).toBe("copied");
  });

  test.each(["-r", "-a"])("with its links, by cp %s, is a volume", async (flag) => {
    await using fixture = openFixture();
    await (await fixture.writer("mounted")).write({ password: "s3cret-fixture" });
    execFileSync("cp", [flag, join(fixture.root, "mounted"), join(fixture.root, "copy")]);
    expect(await textOf(read(fixture.open(), "copy"))).toEqual({ password: "s3cret-fixture" });
  });
});

describe("names in a volume", () => {
  test("all keys that Kubernetes allows, and some more, are fields and paths", async () => {
    await using fixture = openFixture();
    const keys = [
      "foo.bak",
      "a.tmp.b",
      "123456",
      ".env",
      "-dash",
      "my key",
      "naïve",
      "...dots",
      "100%",
      "x~",
      ".DS_Store",
    ];
    const fields = Object.fromEntries(keys.map((key) => [key, `value of ${key}`]));
    await (await fixture.writer()).write(fields);
    const provider = fixture.open();
    expect(await textOf(read(provider, "."))).toEqual(fields);
    // Paths may have neither a segment that begins with two dots nor a percent sign.
    for (const key of keys.filter((each) => !each.startsWith("..") && !each.includes("%")))
      expect(await textOf(read(provider, key))).toBe(`value of ${key}`);
  });

  test("trees that a crashed node left behind are not read", async () => {
    await using fixture = openFixture();
    for (const name of ["..2024_01_01_00_00_00.1", "..2024_01_01_00_00_01.2"]) {
      fs.mkdirSync(join(fixture.root, name));
      fs.writeFileSync(join(fixture.root, name, "password"), "old");
    }
    await (await fixture.writer()).write({ password: "s3cret-fixture" });
    const provider = fixture.open();
    expect(await textOf(read(provider, "."))).toEqual({ password: "s3cret-fixture" });
    expect(fs.readdirSync(dirname(join(fixture.root, "x"))).filter((name) => name.startsWith("..2024"))).toHaveLength(
      2,
    );
  });
});
