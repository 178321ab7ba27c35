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
  test("creates a user with a lease of Vault", async () => {
    const provider = await fixture.open(options);
    const result = await readOk(provider, "database/creds/app");
    expect(textsOf(result)).toEqual({ username: "v-app-1", password: "s3cret-fixture-password-1" });
    expect(result.lease).toEqual({ id: fixture.engines.leases.ids[0], durationMs: 60_000, renewable: true });
    expect(result.expiresAt).toBeUndefined();
  });

  test("creates another user with another version at each read, even for the held version", async () => {
    const provider = await fixture.open(options);
    const first = await readOk(provider, "database/creds/app");
    const again = await provider.get(
      { path: "database/creds/app", version: "current", ifVersion: first.version },
      fixture.context,
    );
    expect(again.status === "ok" && again.version !== first.version && fixture.engines.database.made).toBe(2);
  });

  test("is dynamic, unlike static roles and KV", async () => {
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

  test("returns a key pair and a certificate unchanged", async () => {
    fixture.engines.database.roles.set("key", { ...day, extra: { rsa_private_key: "s3cret-fixture-key" } });
    const provider = await fixture.open(options);
    const result = await readOk(provider, "database/creds/key");
    expect(textsOf(result)).toEqual({ username: "v-key-1", rsa_private_key: "s3cret-fixture-key" });
  });

  test.each(["creds", "static-creds"])("is not-found for an unknown role: %s", async (type) => {
    const provider = await fixture.open(options);
    const result = await provider.get({ path: `database/${type}/none`, version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: true });
  });

  test("reports any other refusal, without the message of Vault", async () => {
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
  ])("reports a 500 by its cause: %s", async (words, code, reason) => {
    fixture.double.override = (call) => (call.path.startsWith("database/") ? refusedWith(500, words, call) : undefined);
    const provider = await fixture.open(options);
    expect(await rejection(readOk(provider, "database/creds/app"))).toMatchObject({ code, reason });
  });

  test.each(["database/creds", "database/creds/a/b", "database/roles/app", "database/creds/app/"])(
    "refuses an invalid path before any request: %s",
    async (path) => {
      const provider = await fixture.open(options);
      expect(await rejection(readOk(provider, path))).toMatchObject({ code: "INVALID_NAME", reason: "path" });
      expect(fixture.asked()).toEqual([]);
    },
  );

  test.each(["previous", { id: "1" }] as const)("has no version: %j", async (version) => {
    const provider = await fixture.open(options);
    const read = provider.get({ path: "database/creds/app", version }, fixture.context);
    expect(await rejection(read)).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
    expect(fixture.engines.database.made).toBe(0);
  });

  test("reports a response without fields as one of another engine", async () => {
    fixture.double.override = ({ path }) => (path.startsWith("database/") ? replied(null) : undefined);
    const provider = await fixture.open(options);
    expect(await rejection(readOk(provider, "database/creds/app"))).toMatchObject({
      code: "INTERNAL",
      reason: "malformed-answer",
    });
  });

  test("is read at a mount with slashes, the longest one that matches", async () => {
    const lease = { lease_id: "x/1", lease_duration: 5 };
    fixture.engines.others.set("team/db/creds/app", () => replied({ username: "one" }, lease));
    const mounts = { "team/db": { engine: "database" }, team: { engine: "generic", dynamic: false } };
    const provider = await fixture.open({ mounts });
    const result = await readOk(provider, "team/db/creds/app");
    expect(leaseOf(result)).toEqual({ id: "x/1", durationMs: 5000, renewable: false });
  });
});
