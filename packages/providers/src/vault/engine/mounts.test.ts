import { describe, expect, test } from "vitest";
import { DoubleKv1 } from "../../../test/vault/double/kv.ts";
import { openFixture, read, rejection, textOf } from "../../../test/vault/fixture.ts";

describe("a path", () => {
  test("is read at the longest declared mount that is a prefix of it, else at the main one", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    const [short, long] = [new DoubleKv1(), new DoubleKv1()];
    double.mounts.delete("old");
    double.mounts.set("team/kv", long).set("team", short);
    short.put("db", { at: "team" });
    long.put("db", { at: "team/kv" });
    kv2.put("db", { at: "secret" });
    kv2.put("teams/db", { at: "secret, teams" });
    kv2.put("team", { at: "secret, team" });
    const provider = await fixture.open({ mounts: { team: { engine: "kv-v1" }, "team/kv": { engine: "kv-v1" } } });
    const at = async (path: string): Promise<string | undefined> => (await textOf(read(provider, path))).at;
    expect(await at("db")).toBe("secret");
    expect(await at("team/db")).toBe("team");
    expect(await at("team/kv/db")).toBe("team/kv");
    expect(await at("teams/db")).toBe("secret, teams");
    expect(await at("team")).toBe("secret, team");
  });

  test("of a KV mount is never dynamic, one of a declared engine depends on the engine", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ mounts: { database: { engine: "database" }, old: { engine: "kv-v1" } } });
    expect(["db", "old/db", "database/creds/app"].map((path) => provider.isDynamic?.(path))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test.each([
    "",
    "/db",
    "db/",
    "db//x",
    "db/../x",
    "..",
    ".",
    "db/.",
    "db.",
    "db./x",
    "db\\x",
    "db%2e%2e",
    "db%",
    "db\0",
    "db\n",
    "db\ud800",
  ])("%j is INVALID_NAME before any request", async (path) => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    expect(await rejection(read(provider, path))).toMatchObject({ code: "INVALID_NAME", reason: "path" });
    expect(fixture.double.requests).toEqual([]);
  });

  test.each(["a b", "ü/密", "a?b#c", "a;b&c=d", "+", "a:b@c", ".hidden", "data/db"])(
    "%j is requested unchanged",
    async (path) => {
      await using fixture = await openFixture();
      fixture.kv2.put(path, { password: "s3cret-fixture" });
      fixture.kv1.put(path, { password: "s3cret-fixture" });
      const provider = await fixture.open({ mounts: { old: { engine: "kv-v1" } } });
      for (const asked of [path, `old/${path}`])
        expect(await textOf(read(provider, asked))).toEqual({ password: "s3cret-fixture" });
    },
  );
});
