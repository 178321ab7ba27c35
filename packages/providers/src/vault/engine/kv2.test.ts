import type { Provider, ProviderResult, VersionSelector } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import { DoubleKv2 } from "../../../test/vault/double/kv.ts";
import { forever, openFixture, read, rejection, textOf, type VaultFixture } from "../../../test/vault/fixture.ts";

const hour = 3_600_000;
const [data, metadata] = ["secret/data/db", "secret/metadata/db"];

function readVersion(provider: Provider, version: VersionSelector): Promise<ProviderResult> {
  return provider.get({ path: "db", version }, forever);
}

/** Creates a secret with the versions one, two and three. */
async function three(): Promise<{ readonly fixture: VaultFixture; readonly provider: Provider }> {
  const fixture = await openFixture();
  for (const password of ["one", "two", "three"]) fixture.kv2.put("db", { password });
  return { fixture, provider: await fixture.open({ engine: "kv-v2", labels: ["owner", "absent", "toString"] }) };
}

describe("a KV secret with versions", () => {
  test("has its version, creation time and the allowed labels", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    fixture.kv2.label("db", { owner: "payments", note: "s3cret-fixture" });
    const result = await read(provider, "db");
    expect(result).toMatchObject({
      status: "ok",
      version: expect.stringMatching(/^3@2026-01-01T00:00:00\.000\d+Z$/),
      createdAt: new Date("2026-01-01T00:00:00Z"),
      expiresAt: undefined,
      labels: { owner: "payments" },
    });
  });

  test("keeps all digits of numbers, and the JSON text of other values", async () => {
    await using fixture = await openFixture();
    const text =
      '{ "port" :5432, "id":12345678901234567890, "rate": 1e400, "on":true, "none":null, "list":[1, 2.0,"]"], "o":{"a" : "}\\"" }, "t":"a\\u00e9\\n" }';
    fixture.kv2.put("db", text);
    expect(await textOf(read(await fixture.open(), "db"))).toEqual({
      port: "5432",
      id: "12345678901234567890",
      rate: "1e400",
      on: "true",
      list: '[1, 2.0,"]"]',
      o: '{"a" : "}\\"" }',
      t: "aé\n",
    });
  });

  test("omits a member that is null, but keeps null in nested values", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: null, nested: { list: [1, null] }, text: "null" });
    const texts = await textOf(read(await fixture.open(), "db"));
    expect(texts).toEqual({ nested: '{"list":[1,null]}', text: "null" });
  });

  test.each([-3_600_000, 3_600_000])(
    "that will be deleted ends by Vault's clock, which is %i ms ahead",
    async (aheadMs) => {
      await using fixture = await openFixture();
      const { clock, double } = fixture;
      const vaultNow = (): number => clock.now() + aheadMs;
      double.now = vaultNow;
      const kv2 = new DoubleKv2(vaultNow);
      double.mounts.set("secret", kv2);
      kv2.put("db", { password: "s3cret-fixture" }, new Date(vaultNow() + hour / 2).toISOString());
      const provider = await fixture.open({ engine: "kv-v2" });
      const result = await read(provider, "db");
      expect(result).toMatchObject({ status: "ok", expiresAt: new Date(clock.now() + hour / 2) });
      const { version = "" } = result as { version?: string };
      expect((await read(provider, "db", version)).status).toBe("not-modified");
      await clock.advance(hour / 2);
      expect((await read(provider, "db", version)).status).toBe("not-found");
    },
  );

  test("without fields is returned without fields", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", {});
    expect(await textOf(read(await fixture.open(), "db"))).toEqual({});
  });

  test("with a deletion time expires at that time", async () => {
    await using fixture = await openFixture();
    const { clock } = fixture;
    const at = new Date(clock.now() + hour);
    fixture.kv2.put("db", { password: "one" }, at.toISOString().replace("Z", "123456Z"));
    const provider = await fixture.open();
    expect(await read(provider, "db")).toMatchObject({ status: "ok", expiresAt: at });
    clock.suspend(hour + 1);
    expect(await read(provider, "db")).toEqual({ status: "not-found", definitive: true });
  });

  test.each([
    ["deleted", (fixture: VaultFixture) => fixture.kv2.delete("db")],
    ["destroyed", (fixture: VaultFixture) => fixture.kv2.destroy("db")],
    ["wiped", (fixture: VaultFixture) => fixture.kv2.wipe("db")],
  ])("that was %s is a definitive not-found, also for a poll", async (_title, remove) => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    const before = await read(provider, "db");
    remove(fixture);
    expect(await read(provider, "db")).toEqual({ status: "not-found", definitive: true });
    const polled = await read(provider, "db", before.status === "ok" ? before.version : "");
    expect(polled).toEqual({ status: "not-found", definitive: true });
  });

  test("that was wiped and recreated has another version, although its number is 1 again", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "one" });
    const provider = await fixture.open();
    const before = await read(provider, "db");
    fixture.kv2.wipe("db");
    fixture.kv2.put("db", { password: "two" });
    const version = before.status === "ok" ? before.version : "";
    expect(await textOf(read(provider, "db", version))).toEqual({ password: "two" });
    expect(await readVersion(provider, { id: version })).toEqual({ status: "not-found", definitive: true });
    expect(await textOf(readVersion(provider, { id: "1" }))).toEqual({ password: "two" });
  });
});

describe("a poll", () => {
  test("reads only the metadata while nothing changes", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    const before = await read(provider, "db");
    const version = before.status === "ok" ? before.version : "";
    for (let round = 0; round < 5; round += 1)
      expect(await read(provider, "db", version)).toEqual({ status: "not-modified", version });
    expect([fixture.double.count(data), fixture.double.count(metadata)]).toEqual([1, 5]);
    fixture.kv2.put("db", { password: "four" });
    expect(await textOf(read(provider, "db", version))).toEqual({ password: "four" });
  });

  test("reads the data if the policy denies the metadata, which is requested once", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    fixture.double.allows = ({ path }) => !path.startsWith("secret/metadata/");
    const before = await read(provider, "db");
    const version = before.status === "ok" ? before.version : "";
    for (let round = 0; round < 5; round += 1)
      expect(await read(provider, "db", version)).toEqual({ status: "not-modified", version });
    expect([fixture.double.count(data), fixture.double.count(metadata)]).toEqual([6, 1]);
    expect(fixture.double.count("auth/token/lookup-self")).toBe(1);
  });

  test("detects that an older version has become the newest readable one again", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    const before = await read(provider, "db");
    const version = before.status === "ok" ? before.version : "";
    fixture.kv2.delete("db");
    expect((await read(provider, "db", version)).status).toBe("not-found");
    fixture.kv2.undelete("db");
    expect((await read(provider, "db", version)).status).toBe("not-modified");
  });
});

describe.each(["with", "without"])("the previous version, %s permission to read the metadata", (right) => {
  const limit = (fixture: VaultFixture): void => {
    if (right === "without") fixture.double.allows = ({ path }) => !path.startsWith("secret/metadata/");
  };

  test("is the newest older version that can be read", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    limit(fixture);
    expect(await textOf(readVersion(provider, "previous"))).toEqual({ password: "two" });
    fixture.kv2.delete("db", 2);
    expect(await textOf(readVersion(provider, "previous"))).toEqual({ password: "one" });
    fixture.kv2.undelete("db", 2);
    fixture.kv2.destroy("db", 1);
    expect(await textOf(readVersion(provider, "previous"))).toEqual({ password: "two" });
    fixture.kv2.destroy("db", 2);
    expect(await readVersion(provider, "previous")).toEqual({ status: "not-found", definitive: true });
  });

  test("remains readable after the deletion of the current one", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    limit(fixture);
    fixture.kv2.delete("db");
    expect(await textOf(readVersion(provider, "previous"))).toEqual({ password: "two" });
  });

  test("of a missing secret, or of one with a single version, is not found", async () => {
    await using fixture = await openFixture();
    limit(fixture);
    const provider = await fixture.open({ engine: "kv-v2" });
    expect((await readVersion(provider, "previous")).status).toBe("not-found");
    fixture.kv2.put("db", { password: "one" });
    expect((await readVersion(provider, "previous")).status).toBe("not-found");
  });
});

describe("a version by its id", () => {
  test.each(["0", "-1", "1.5", "4", "three", "", "1e1", "99999999999999999999", "3@1999-01-01T00:00:00Z"])(
    "%j is not found",
    async (id) => {
      const { fixture, provider } = await three();
      await using _ = fixture;
      expect(await readVersion(provider, { id })).toEqual({ status: "not-found", definitive: true });
    },
  );

  test("is a number, or the version that a read returned", async () => {
    const { fixture, provider } = await three();
    await using _ = fixture;
    expect(await textOf(readVersion(provider, { id: "2" }))).toEqual({ password: "two" });
    const second = await readVersion(provider, { id: "2" });
    if (second.status !== "ok") throw new Error("not read");
    expect(await readVersion(provider, { id: second.version })).toEqual(second);
  });
});

describe("a mount with `engine` kv-v2", () => {
  test.each(["current", "previous"] as const)(
    "and another version is INVALID_CONFIG for a missing secret, not a deletion: the %s one",
    async (version) => {
      await using fixture = await openFixture();
      fixture.kv1.put("db", { password: "s3cret-fixture" });
      const provider = await fixture.open({ engine: "kv-v2", mount: "old" });
      for (let round = 0; round < 2; round += 1)
        expect(await rejection(readVersion(provider, version))).toMatchObject({
          code: "INVALID_CONFIG",
          reason: "engine",
        });
    },
  );

  test("that is a folder of a mount is INVALID_CONFIG", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("app/db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ engine: "kv-v2", mount: "secret/app" });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "engine" });
  });

  test("is looked up once, with the first missing secret, and not after a successful read", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const [first, second] = [await fixture.open({ engine: "kv-v2" }), await fixture.open({ engine: "kv-v2" })];
    const lookups = (): number => fixture.double.count(/^sys\/internal\/ui\/mounts\//);
    await read(first, "db");
    await read(first, "absent");
    expect(lookups()).toBe(0);
    for (const path of ["absent", "absent", "none"])
      expect(await read(second, path)).toEqual({ status: "not-found", definitive: true });
    expect(lookups()).toBe(1);
  });

  test("is assumed to be correct if the policy denies the lookup", async () => {
    await using fixture = await openFixture();
    fixture.double.allows = ({ path }) => !path.startsWith("sys/");
    const provider = await fixture.open({ engine: "kv-v2" });
    expect(await read(provider, "absent")).toEqual({ status: "not-found", definitive: true });
  });
});
