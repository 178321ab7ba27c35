import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listen, openFixture, read, textOf } from "../../../../test/file/file-fixture.ts";
import { nodeFileSystem } from "../file-system.ts";

const gone = { status: "not-found", definitive: true };
/** The error concerns one volume; others of the same root can still be read. */
const incomplete = { code: "UNAVAILABLE", reason: "volume-incomplete", scope: "path" };
const pair = { username: "app", password: "s3cret-fixture" };

describe("the layouts of a volume", () => {
  test("a root that is one volume has fields at `.`, and each key is a value", async () => {
    await using fixture = openFixture();
    await (await fixture.writer()).write(pair);
    const provider = fixture.open();
    expect(await textOf(read(provider, "."))).toEqual(pair);
    expect(await textOf(read(provider, "password"))).toBe("s3cret-fixture");
    expect(await read(provider, "token")).toEqual(gone);
  });

  test("a root with many volumes returns each at its own path", async () => {
    await using fixture = openFixture();
    await (await fixture.writer("db")).write(pair);
    await (await fixture.writer("billing/stripe")).write({ key: "s3cret-fixture" });
    const provider = fixture.open();
    expect(await textOf(read(provider, "db"))).toEqual(pair);
    expect(await textOf(read(provider, "db/username"))).toBe("app");
    expect(await textOf(read(provider, "billing/stripe/key"))).toBe("s3cret-fixture");
    await expect(read(provider, ".")).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "holds-volumes" });
  });

  test("nested items are keys with slashes, and their directory has fields", async () => {
    await using fixture = openFixture();
    await (await fixture.writer()).write({ "my-group/my-username": "app", token: "s3cret-fixture" });
    const provider = fixture.open();
    expect(await textOf(read(provider, "."))).toEqual({ "my-group/my-username": "app", token: "s3cret-fixture" });
    expect(await textOf(read(provider, "my-group"))).toEqual({ "my-username": "app" });
    expect(await textOf(read(provider, "my-group/my-username"))).toBe("app");
  });

  test("bytes are exact, empty values are values, and buffers share no memory", async () => {
    await using fixture = openFixture();
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    await (await fixture.writer()).write({ all, empty: "", newline: "s3cret-fixture\n" });
    const answer = await read(fixture.open(), ".");
    if (answer.status !== "ok" || answer.payload.kind !== "fields") throw new Error("no fields");
    expect(answer.payload.fields.get("all")).toEqual(all);
    expect(answer.payload.fields.get("empty")).toEqual(new Uint8Array());
    expect(Buffer.from(answer.payload.fields.get("newline") ?? []).toString()).toBe("s3cret-fixture\n");
    for (const bytes of answer.payload.fields.values()) expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });

  test("10,000 keys are read completely, as one path or one path each", async () => {
    await using fixture = openFixture();
    const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key-${index}`, `value-${index}`]));
    await (await fixture.writer()).write(fields);
    const provider = fixture.open();
    expect(await textOf(read(provider, "."))).toEqual(fields);
    const values = await Promise.all(Object.keys(fields).map((key) => textOf(read(provider, key))));
    expect(values).toEqual(Object.values(fields));
  });

  test("100 keys share the checks of their directories, at first and after a swap", async () => {
    await using fixture = openFixture();
    const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
    const writer = await fixture.writer("team/db");
    await writer.write(Object.fromEntries(keys.map((key) => [key, "1"])));
    let looks = 0;
    const lstatSync = ((...call: Parameters<typeof fs.lstatSync>) => {
      looks += 1;
      return fs.lstatSync(...call);
    }) as typeof fs.lstatSync;
    const provider = fixture.open({}, { ...nodeFileSystem, lstatSync });
    const readAll = () => Promise.all(keys.map((key) => textOf(read(provider, `team/db/${key}`))));
    expect(await readAll()).toEqual(keys.map(() => "1"));
    expect(looks).toBeLessThan(keys.length + 20);
    await writer.write(Object.fromEntries(keys.map((key) => [key, "2"])));
    looks = 0;
    expect(await readAll()).toEqual(keys.map(() => "2"));
    expect(looks).toBeLessThan(keys.length + 20);
  });

  test.each(["current", "legacy"] as const)("200 swaps in %s order, 5 ms apart, end on the last one", async (order) => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.write({ generation: "0" });
    const provider = fixture.open();
    const recorder = await listen(provider, "generation");
    const swaps = Array.from({ length: 200 }, (_, index) => [
      { do: "write" as const, order, fields: { generation: `${index + 1}` } },
      { do: "pause" as const, ms: 5 },
    ]);
    await Promise.all([writer.run(swaps.flat()), recorder.hears("generation", "200")]);
    expect(recorder.hints).toBeLessThan(300);
  });
});

describe("changes of a volume", () => {
  test("an optional Secret appears, loses a key, disappears and appears again", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write({});
    const provider = fixture.open();
    const recorder = await listen(provider, "db", "db/password");
    expect(await read(provider, "db")).toEqual(gone);
    await Promise.all([writer.write(pair), recorder.hears("db", pair)]);
    await Promise.all([writer.write({ username: "app" }), recorder.hears("db", { username: "app" })]);
    await recorder.hears("db/password", gone);
    await Promise.all([writer.write({}), recorder.hears("db", gone)]);
    await Promise.all([writer.write(pair), recorder.hears("db/password", "s3cret-fixture")]);
  });

  test("an update without a change causes no hint", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.write(pair);
    const recorder = await listen(fixture.open(), ".");
    expect((await writer.write(pair)).swapped).toBe(false);
    await writer.write({ ...pair, token: "1" });
    await recorder.hasHeard();
    expect(recorder.hints).toBe(1);
  });

  test("an unchanged key keeps its version when another one changes", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.write({ a: "1", b: "1" });
    const provider = fixture.open();
    const before = await read(provider, "a");
    await writer.write({ a: "1", b: "2" });
    if (before.status !== "ok") throw new Error("a is there");
    expect(await read(provider, "a", before.version)).toEqual({ status: "not-modified", version: before.version });
  });

  test("a volume that is removed and recreated is watched again, 50 times", { timeout: 60_000 }, async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.write({ generation: "0" });
    const provider = fixture.open();
    const recorder = await listen(provider, "db/generation");
    for (let generation = 1; generation <= 50; generation++) {
      const steps = [{ do: "remove" as const }, { do: "write" as const, fields: { generation: `${generation}` } }];
      await Promise.all([writer.run(steps), recorder.hears("db/generation", `${generation}`)]);
    }
    await Promise.all([writer.write({ generation: "last" }), recorder.hears("db/generation", "last")]);
  });

  test("a volume whose writer died returns its last publication", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.write(pair);
    const provider = fixture.open();
    await writer.write({ username: "next" }, { crashAfter: "temporary-link" });
    expect(await textOf(read(provider, "."))).toEqual(pair);
    await expect(writer.write({ username: "next" })).rejects.toMatchObject({ code: "EEXIST" });
    await writer.run([{ do: "clean" }, { do: "write", fields: { ...pair, token: "1" }, crashAfter: "swap" }]);
    expect(await textOf(read(provider, "."))).toEqual({ ...pair, token: "1" });
    expect(await textOf(read(provider, "token"))).toBe("1");
  });

  test("a volume without `..data` is UNAVAILABLE, not NOT_FOUND", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer("db");
    await writer.run([{ do: "write", fields: pair }, { do: "unlink-data" }]);
    const provider = fixture.open();
    for (const path of ["db", "db/password"]) await expect(read(provider, path)).rejects.toMatchObject(incomplete);
    await writer.write(pair);
    expect(await textOf(read(provider, "db"))).toEqual(pair);
  });

  test.each(["before", "after"] as const)(
    "a read waits for a volume whose deletion begins %s it was read",
    async (when) => {
      await using fixture = openFixture();
      const writer = await fixture.writer("db");
      await writer.write(pair);
      const provider = fixture.open();
      if (when === "after") await read(provider, "db");
      fs.rmSync(join(fixture.root, "db/..data/username"));
      const readings = Promise.all([textOf(read(provider, "db")), textOf(read(provider, "db/username"))]);
      await writer.run([{ do: "remove" }, { do: "write", fields: { username: "next", password: "next" } }]);
      expect(await readings).toEqual([{ username: "next", password: "next" }, "next"]);
    },
  );

  test("a volume that was created manually is accepted after the waits", async () => {
    await using fixture = openFixture();
    await (await fixture.writer()).write(pair);
    fs.writeFileSync(join(fixture.root, "..data/token"), "1");
    expect(await textOf(read(fixture.open(), "."))).toEqual({ ...pair, token: "1" });
  });

  test.each([
    ["and its old tree removed", undefined],
    ["and its old tree left behind", "swap"],
  ] as const)("a swap within each of 1,000 reads, %s, is never missed", async (_what, crashAfter) => {
    await using fixture = openFixture();
    await (await fixture.writer()).write({ a: "0", b: "0" });
    const { writeAtomically } = await import("../../../../test/file/atomic-writer.ts");
    let generation = 0;
    let swapNext = false;
    const fileSystem = {
      ...nodeFileSystem,
      openSync: ((...input: Parameters<typeof fs.openSync>) => {
        if (swapNext) {
          swapNext = false;
          const bytes = Buffer.from(`${++generation}`);
          writeAtomically(fixture.root, { a: bytes, b: bytes }, { crashAfter });
        }
        return fs.openSync(...input);
      }) as typeof fs.openSync,
    };
    const provider = fixture.open({}, fileSystem);
    for (let round = 1; round <= 1000; round++) {
      swapNext = true;
      expect(await textOf(read(provider, "."))).toEqual({ a: `${round}`, b: `${round}` });
    }
  });

  test("a removed or unmounted root is UNAVAILABLE until it is back", async () => {
    await using fixture = openFixture();
    const writer = await fixture.writer();
    await writer.write(pair);
    const provider = fixture.open();
    await read(provider, ".");
    fs.renameSync(fixture.root, `${fixture.root}-away`);
    await expect(read(provider, ".")).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "root-not-found" });
    await expect(provider.check?.({ signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({
      reason: "root-not-found",
    });
    fs.renameSync(`${fixture.root}-away`, fixture.root);
    expect(await textOf(read(provider, "."))).toEqual(pair);
    await writer.run([{ do: "remove" }, { do: "create" }]);
    await expect(read(provider, ".")).rejects.toMatchObject(incomplete);
  });
});

describe("refused content of a volume", () => {
  test.each([
    ["a `..data` that leaves the volume", (root: string) => relink(join(root, "..data"), "/etc"), "hostname"],
    ["a key that is a link to outside", (root: string) => relink(join(root, "..data/evil"), "/etc/hostname"), "evil"],
    ["a link to outside beside the keys", (root: string) => relink(join(root, "evil"), "/etc/hostname"), "evil"],
    ["a nested link to outside", (root: string) => relink(join(root, "..data/evil"), "/etc"), "evil/hostname"],
  ])("%s is INVALID_VALUE", async (_what, tamper, path) => {
    await using fixture = openFixture();
    await (await fixture.writer()).write(pair);
    tamper(fixture.root);
    const failure = { code: "INVALID_VALUE", reason: "outside-root" };
    await expect(read(fixture.open(), path)).rejects.toMatchObject(failure);
  });

  test.each(["..data", "..data/password", "a/..x", "../x", "/etc/hostname", "a//b", "./a", "a/", "a\0"])(
    "the path %j is refused before any system call",
    async (path) => {
      await using fixture = openFixture();
      const none = new Proxy(nodeFileSystem, {
        get() {
          throw new Error("a system call was made");
        },
      });
      await expect(read(fixture.open({}, none), path)).rejects.toMatchObject({ code: "INVALID_NAME" });
    },
  );

  test("a key above the size limit is INVALID_VALUE", async () => {
    await using fixture = openFixture();
    await (await fixture.writer()).write({ large: "x".repeat(1025) });
    const failure = { code: "INVALID_VALUE", reason: "too-large" };
    await expect(read(fixture.open({ maxBytes: 1024 }), ".")).rejects.toMatchObject(failure);
  });
});

function relink(link: string, target: string): void {
  fs.rmSync(link, { force: true });
  fs.symlinkSync(target, link);
}
