import { describe, expect, test } from "vitest";
import { DoubleKv2 } from "../../../test/vault/double/kv.ts";
import { openFixture, read, rejection, textOf } from "../../../test/vault/fixture.ts";

const preflight = /^sys\/internal\/ui\/mounts\//;

describe("the version of a KV mount", () => {
  test.each([
    ["secret", null],
    ["old", null],
    ["old", { version: "1" }],
    ["old", { version: "" }],
  ])("of %s with the options %j is looked up once", async (mount, options) => {
    await using fixture = await openFixture();
    fixture.kv1.options = options;
    fixture.kv1.put("db", { password: "s3cret-fixture" });
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ mount });
    for (let round = 0; round < 3; round += 1)
      expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    await read(provider, "absent");
    expect(fixture.double.count(preflight)).toBe(1);
  });

  test("is not looked up if the document contains it", async () => {
    await using fixture = await openFixture();
    fixture.kv1.put("db", { password: "s3cret-fixture" });
    fixture.double.allows = ({ path }) => !preflight.test(path);
    const provider = await fixture.open({ mount: "old", engine: "kv-v1" });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
  });

  test("is 1 for a server too old for a lookup", async () => {
    await using fixture = await openFixture();
    fixture.kv1.put("db", { password: "s3cret-fixture" });
    fixture.double.override = ({ path }) => (preflight.test(path) ? { status: 404, body: { errors: [] } } : undefined);
    const provider = await fixture.open({ mount: "old" });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
  });

  test("that may not be looked up is a denial, which recommends the option", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open({ mount: "nowhere" });
    const error = await rejection(read(provider, "db"));
    expect(error).toMatchObject({ code: "PERMISSION_DENIED", reason: "mount-lookup" });
    expect(error).toMatchObject({ tip: expect.stringMatching(/`namespace`.*"engine": "kv-v2"/) });
  });

  test("is looked up again after a failed lookup", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open();
    fixture.double.override = ({ path }) => (preflight.test(path) ? { status: 500, body: { errors: [] } } : undefined);
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAVAILABLE" });
    fixture.double.override = () => undefined;
    expect((await read(provider, "db")).status).toBe("ok");
  });

  test("of another engine is INVALID_CONFIG", async () => {
    await using fixture = await openFixture();
    fixture.double.override = ({ path }) =>
      preflight.test(path) ? { body: { data: { path: "database/", type: "database", options: null } } } : undefined;
    const provider = await fixture.open({ mount: "database" });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "engine-kind" });
  });

  test("is looked up again after an upgrade to version 2, which is not a deletion", async () => {
    await using fixture = await openFixture();
    const { double, kv1 } = fixture;
    kv1.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ mount: "old" });
    await read(provider, "db");
    const upgraded = new DoubleKv2(() => fixture.clock.now());
    upgraded.put("db", { password: "s3cret-fixture" });
    double.mounts.set("old", upgraded);
    const warnings = ["Invalid path for a versioned K/V secrets engine."];
    double.override = ({ path }) => (path === "old/db" ? { status: 404, body: { data: null, warnings } } : undefined);
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    expect(double.count(preflight)).toBe(2);
  });

  test("is looked up for a folder of a mount, and in a namespace", async () => {
    await using fixture = await openFixture();
    fixture.double.namespace = "team/a";
    fixture.double.mounts.set("shared/kv", fixture.kv2);
    fixture.kv2.put("orders/db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ mount: "shared/kv/orders", namespace: "team/a" });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    expect(fixture.double.requests.at(-1)?.path).toBe("shared/kv/data/orders/db");
  });
});

describe("a KV mount without versions", () => {
  test("has neither lease nor expiry, even if the response contains a duration", async () => {
    await using fixture = await openFixture();
    fixture.kv1.put("db", { password: "s3cret-fixture", ttl: "1h" });
    const provider = await fixture.open({ mount: "old" });
    const result = await read(provider, "db");
    expect(Object.keys(result).sort()).toEqual(["payload", "status", "version"]);
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture", ttl: "1h" });
  });

  test("that is of version 2 is INVALID_CONFIG if the document configures version 1", async () => {
    await using fixture = await openFixture();
    fixture.double.override = ({ path }) =>
      path === "old/db" ? { status: 404, body: { data: null, warnings: ["Invalid path"] } } : undefined;
    const provider = await fixture.open({ mount: "old", engine: "kv-v1" });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "engine" });
  });
});
