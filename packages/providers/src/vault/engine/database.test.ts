import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { refusedWith, replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, leaseOf, openEngineFixture, readOk, textsOf } from "../../../test/vault/engine-fixture.ts";

const options = { mounts: { database: { engine: "database" } } };
const day = { ttl: 60, maxTtl: 86_400, renewable: true };
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
  fixture.engines.database.roles.set("app", day);
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe("creds/<role>", () => {
  test("makes a user and leases it, with Vault's own lease", async () => {
    const provider = await fixture.open(options);
    const result = await readOk(provider, "database/creds/app");
    expect(textsOf(result)).toEqual({ username: "v-app-1", password: "s3cret-fixture-password-1" });
    expect(result.lease).toEqual({ id: fixture.engines.leases.ids[0], durationMs: 60_000, renewable: true });
    expect(result.expiresAt).toBeUndefined();
  });

  test("makes another user under another version at each read, and has no idea of a condition", async () => {
    const provider = await fixture.open(options);
    const first = await readOk(provider, "database/creds/app");
    const again = await provider.get(
      { path: "database/creds/app", version: "current", ifVersion: first.version },
      fixture.context,
    );
    expect(again.status === "ok" && again.version !== first.version && fixture.engines.database.made).toBe(2);
  });

  test("is dynamic, which static roles and KV are not", async () => {
    const provider = await fixture.open(options);
    const paths = ["database/creds/app", "database/static-creds/app", "database/config", "app"];
    expect(paths.map((path) => provider.isDynamic?.(path))).toEqual([true, false, false, false]);
  });

  test("is never read by check or diagnose", async () => {
    const provider = await fixture.open(options);
    await readOk(provider, "database/creds/app");
    await provider.check?.(fixture.context).catch(() => undefined);
    await provider.diagnose?.(fixture.context);
    expect(fixture.engines.database.made).toBe(1);
  });

  test("takes a key pair and a certificate as they come", async () => {
    fixture.engines.database.roles.set("key", { ...day, extra: { rsa_private_key: "s3cret-fixture-key" } });
    const provider = await fixture.open(options);
    const result = await readOk(provider, "database/creds/key");
    expect(textsOf(result)).toEqual({ username: "v-key-1", rsa_private_key: "s3cret-fixture-key" });
  });

  test.each(["creds", "static-creds"])("has no secret where the role is not known: %s", async (type) => {
    const provider = await fixture.open(options);
    const result = await provider.get({ path: `database/${type}/none`, version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: true });
  });

  test("tells a refusal for another cause, without Vault's words", async () => {
    const body = { errors: ["s3cret-fixture is no good"] };
    fixture.double.override = ({ path }) => (path.startsWith("database/") ? { status: 400, body } : undefined);
    const provider = await fixture.open(options);
    expect(await rejection(readOk(provider, "database/creds/app"))).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "request-refused",
    });
  });

  test.each([
    ['"app" is not an allowed role', "INVALID_CONFIG", "request-refused"],
    ["failed to connect to s3cret-fixture", "UNAVAILABLE", "server-error"],
  ])("tells a 500 by its cause: %s", async (words, code, reason) => {
    fixture.double.override = (call) => (call.path.startsWith("database/") ? refusedWith(500, words, call) : undefined);
    const provider = await fixture.open(options);
    expect(await rejection(readOk(provider, "database/creds/app"))).toMatchObject({ code, reason });
  });

  test.each(["database/creds", "database/creds/a/b", "database/roles/app", "database/creds/app/"])(
    "refuses a path that is none of its own before it asks: %s",
    async (path) => {
      const provider = await fixture.open(options);
      expect(await rejection(readOk(provider, path))).toMatchObject({ code: "INVALID_NAME", reason: "path" });
      expect(fixture.asked()).toEqual([]);
    },
  );

  test.each(["previous", { id: "1" }] as const)("keeps no version: %j", async (version) => {
    const provider = await fixture.open(options);
    const read = provider.get({ path: "database/creds/app", version }, fixture.context);
    expect(await rejection(read)).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
    expect(fixture.engines.database.made).toBe(0);
  });

  test("takes an answer without fields for one of another engine", async () => {
    fixture.double.override = ({ path }) => (path.startsWith("database/") ? replied(null) : undefined);
    const provider = await fixture.open(options);
    expect(await rejection(readOk(provider, "database/creds/app"))).toMatchObject({
      code: "INTERNAL",
      reason: "malformed-answer",
    });
  });

  test("is read at a mount with slashes, and the longest one counts", async () => {
    const lease = { lease_id: "x/1", lease_duration: 5 };
    fixture.engines.others.set("team/db/creds/app", () => replied({ username: "one" }, lease));
    const mounts = { "team/db": { engine: "database" }, team: { engine: "generic", dynamic: false } };
    const provider = await fixture.open({ mounts });
    const result = await readOk(provider, "team/db/creds/app");
    expect(leaseOf(result)).toEqual({ id: "x/1", durationMs: 5000, renewable: false });
  });
});
