import type { Provider } from "@tacit/core/provider";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { refusedWith, replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, leaseOf, openEngineFixture, readOk, textsOf } from "../../../test/vault/engine-fixture.ts";

let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe("a generic mount", () => {
  const aws = { mounts: { aws: { engine: "generic", dynamic: true } } };
  const stored = { mounts: { nomad: { engine: "generic", dynamic: false } } };

  test("returns the data of the engine, with its lease", async () => {
    const data = { access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture", security_token: null, ttl: 12 };
    const lease = { lease_id: "aws/creds/app/1", lease_duration: 600, renewable: true };
    fixture.engines.others.set("aws/creds/app", () => replied(data, lease));
    const provider = await fixture.open(aws);
    const result = await readOk(provider, "aws/creds/app");
    // A null member is left out: an SDK would use the text "null" as a session token.
    expect(textsOf(result)).toEqual({ access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture", ttl: "12" });
    expect(leaseOf(result)).toEqual({ id: "aws/creds/app/1", durationMs: 600_000, renewable: true });
  });

  test("is dynamic only if declared so", async () => {
    const both = { mounts: { ...aws.mounts, ...stored.mounts } };
    const provider = await fixture.open(both);
    expect(["aws/creds/app", "nomad/config/access", "awsome"].map((path) => provider.isDynamic?.(path))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("is not-modified without a lease if the content is the same", async () => {
    fixture.engines.others.set("nomad/config/access", () => replied({ address: "a" }));
    const provider = await fixture.open(stored);
    const { version } = await readOk(provider, "nomad/config/access");
    const request = { path: "nomad/config/access", version: "current", ifVersion: version } as const;
    expect(await provider.get(request, fixture.context)).toEqual({ status: "not-modified", version });
  });

  test("that leases without being declared dynamic keeps the lease, with a warning", async () => {
    const lease = { lease_id: "nomad/creds/app/1", lease_duration: 60 };
    fixture.engines.others.set("nomad/creds/app", () => replied({ secret_id: "s3cret-fixture" }, lease));
    const provider = await fixture.open(stored);
    expect(leaseOf(await readOk(provider, "nomad/creds/app"))).toMatchObject({ id: "nomad/creds/app/1" });
    expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["vault-undeclared-lease"]);
  });

  test.each([
    ["an empty 404", { status: 404, body: { errors: [] } }],
    ["an unknown role", refusedWith(400, 'Role "app" not found', { body: {} })],
  ])("has no secret after %s", async (_, reply) => {
    fixture.engines.others.set("aws/creds/app", () => reply);
    const provider = await fixture.open(aws);
    const result = await provider.get({ path: "aws/creds/app", version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: true });
  });

  test.each([
    ["a path that nobody serves", 404, "INVALID_CONFIG"],
    ["an operation that is not known", 405, "INVALID_CONFIG"],
    ["a request that is refused", 400, "INVALID_CONFIG"],
    ["a failure of what the engine asks", 500, "UNAVAILABLE"],
  ])("reports %s", async (_, status, code) => {
    fixture.engines.others.set("aws/creds/app", (call) => refusedWith(status, "s3cret-fixture", call));
    const provider = await fixture.open(aws);
    expect(await rejection(readOk(provider, "aws/creds/app"))).toMatchObject({ code });
  });

  test("requires the option `dynamic`", async () => {
    const open = fixture.open({ mounts: { aws: { engine: "generic" } } });
    expect(await rejection(open)).toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe("a credential that expires without a lease", () => {
  const both = { id: { engine: "generic", dynamic: true }, stored: { engine: "generic", dynamic: false } };
  const minute = 60_000;

  function reply(path: string, data: () => object): void {
    fixture.engines.others.set(path, () => replied(data()));
  }

  /** Returns the times until the expiry and until the replacement. */
  async function lifeOf(path: string): Promise<readonly (number | undefined)[]> {
    const { expiresAt, refreshAt } = await readOk(await fixture.open({ mounts: both }), path);
    return [expiresAt, refreshAt].map((at) => at && at.getTime() - fixture.clock.now());
  }

  // These values assume random = 0.5.
  const share = 0.645;
  const seconds = (ms: number): number => Math.floor((fixture.clock.now() + fixture.skewMs + ms) / 1000);

  test.each(["ttl", "token_ttl", "expires_in"])("expires after the seconds of %s", async (name) => {
    reply("id/token", () => ({ token: "s3cret-fixture", [name]: 600 }));
    expect(await lifeOf("id/token")).toEqual([10 * minute, 10 * minute * share]);
  });

  test.each([-9000, 9000])("expires after its seconds although Vault's clock is %i ms ahead", async (skewMs) => {
    fixture.skewMs = skewMs;
    reply("id/token", () => ({ token: "s3cret-fixture", ttl: 5 }));
    expect(await lifeOf("id/token")).toEqual([5000, 5000 * share]);
  });

  test.each([0, 3_600_000, -3_600_000])("expires at a time of Vault's clock, which is %i ms ahead", async (skewMs) => {
    fixture.skewMs = skewMs;
    reply("id/a", () => ({ token: "s3cret-fixture", token_ttl: 900, expires_at_seconds: seconds(10 * minute) }));
    reply("id/b", () => ({ token: "s3cret-fixture", expiration: new Date(seconds(10 * minute) * 1000).toISOString() }));
    for (const path of ["id/a", "id/b"]) expect(await lifeOf(path)).toEqual([10 * minute, 10 * minute * share]);
  });

  test("is dynamic if declared so, without a warning", async () => {
    reply("id/token", () => ({ token: "s3cret-fixture", ttl: 600 }));
    const provider = await fixture.open({ mounts: both });
    await readOk(provider, "id/token");
    expect(provider.isDynamic?.("id/token")).toBe(true);
    expect(fixture.host.warnings).toEqual([]);
  });

  test("keeps its version while only its seconds change, with a warning if not declared dynamic", async () => {
    let ttl = 600;
    reply("stored/token", () => ({ token: "s3cret-fixture", ttl: ttl-- }));
    const provider = await fixture.open({ mounts: both });
    const { version } = await readOk(provider, "stored/token");
    // The result contains the payload, since its expiry has changed.
    const request = { path: "stored/token", version: "current", ifVersion: version } as const;
    expect(await provider.get(request, fixture.context)).toMatchObject({ status: "ok", version });
    expect(new Set(fixture.host.warnings.map(({ code }) => code))).toEqual(new Set(["vault-undeclared-lease"]));
  });

  test.each([
    { ttl: 0 },
    { ttl: "600" },
    { expiration: "soon" },
    { expiration: "" },
    { expires_at: 0, expire_time: null },
    { expires_at: 1_767_225_600_000 },
    { ttl: 1e300 },
    // The zero time of Go means no expiry.
    { expiration: "0001-01-01T00:00:00Z" },
    {},
  ])("without an expiry is polled, with a warning if declared dynamic: %j", async (members) => {
    reply("id/token", () => ({ token: "s3cret-fixture", ...members }));
    const provider = await fixture.open({ mounts: both });
    const { expiresAt, refreshAt } = await readOk(provider, "id/token");
    expect([expiresAt, refreshAt, provider.isDynamic?.("id/token")]).toEqual([undefined, undefined, false]);
    expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["vault-no-lease"]);
  });
});

describe("a static role of an engine without a specific reader", () => {
  const options = { mounts: { ldap: { engine: "generic", dynamic: false } } };
  const path = "ldap/static-cred/app";
  const role = {
    dn: "cn=app",
    username: "app",
    password: "s3cret-fixture",
    last_password: "s3cret-fixture-0",
    last_vault_rotation: "2025-12-31T23:00:00.123456789Z",
    rotation_period: 3600,
    ttl: 1800,
  };

  test("keeps its version while only its seconds change, and has another after a rotation", async () => {
    let data: object = role;
    fixture.engines.others.set(path, () => replied(data));
    const provider = await fixture.open(options);
    const first = await readOk(provider, path);
    data = { ...role, ttl: 1200 };
    const second = await readOk(provider, path);
    data = { ...role, password: "s3cret-fixture-2", last_vault_rotation: "2026-01-01T00:00:00Z", ttl: 3600 };
    const third = await readOk(provider, path);
    expect([second.version === first.version, third.version === first.version]).toEqual([true, false]);
    expect(textsOf(first)).toEqual({
      dn: "cn=app",
      username: "app",
      password: "s3cret-fixture",
      last_password: "s3cret-fixture-0",
    });
    expect(first.createdAt).toEqual(new Date("2025-12-31T23:00:00.123Z"));
  });

  test("is read again after the announced rotation", async () => {
    fixture.engines.others.set(path, () => replied(role));
    const { refreshAt, expiresAt } = await readOk(await fixture.open(options), path);
    expect([refreshAt?.getTime(), expiresAt]).toEqual([fixture.clock.now() + 1_803_000, undefined]);
  });

  test("of AWS does not expire at the announced rotation, but is read again after it", async () => {
    const keys = { access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture" };
    const rotatesAt = new Date(fixture.clock.now() + 600_000).toISOString();
    fixture.engines.others.set("aws/static-creds/app", () => replied({ ...keys, expiration: rotatesAt }));
    const provider = await fixture.open({ mounts: { aws: { engine: "generic", dynamic: false } } });
    const first = await readOk(provider, "aws/static-creds/app");
    expect([first.expiresAt, first.refreshAt?.getTime()]).toEqual([undefined, fixture.clock.now() + 603_000]);
    expect(textsOf(first)).toEqual(keys);
    // While the rotation is overdue, the credential is served, and read again soon.
    await fixture.clock.advance(630_000);
    const late = await readOk(provider, "aws/static-creds/app");
    expect([late.version, late.expiresAt]).toEqual([first.version, undefined]);
    expect(late.refreshAt?.getTime()).toBe(fixture.clock.now() + 3000 + 3000);
    expect(fixture.host.warnings).toEqual([]);
  });

  test("is polled although it is declared dynamic, with a warning", async () => {
    fixture.engines.others.set(path, () => replied(role));
    const provider = await fixture.open({ mounts: { ldap: { engine: "generic", dynamic: true } } });
    await readOk(provider, path);
    expect(provider.isDynamic?.(path)).toBe(false);
    expect(fixture.host.warnings.map(({ code }) => code)).toEqual(["vault-no-lease"]);
  });
});

describe("a cubbyhole", () => {
  const options = { mounts: { cubbyhole: { engine: "cubbyhole" } } };

  /** Waits until the provider has a token. */
  async function store(provider: Provider, path: string): Promise<void> {
    await provider.get({ path, version: "current" }, fixture.context);
    fixture.engines.cubbyholes.set(`${fixture.double.tokens.made.at(-1)} ${path}`, { password: "s3cret-fixture" });
  }

  test("is read with its own token", async () => {
    const provider = await fixture.open(options);
    await store(provider, "cubbyhole/a/b");
    const result = await readOk(provider, "cubbyhole/a/b");
    expect(textsOf(result)).toEqual({ password: "s3cret-fixture" });
    const request = { path: "cubbyhole/a/b", version: "current", ifVersion: result.version } as const;
    expect(await provider.get(request, fixture.context)).toMatchObject({ status: "not-modified" });
    expect(provider.isDynamic?.("cubbyhole/a/b")).toBe(false);
  });

  test("is not reported as deleted if a new token has an empty one", async () => {
    const provider = await fixture.open(options);
    await store(provider, "cubbyhole/a");
    await readOk(provider, "cubbyhole/a");
    fixture.endTokens();
    const result = await provider.get({ path: "cubbyhole/a", version: "current" }, fixture.context);
    expect(result).toEqual({ status: "not-found", definitive: false });
  });
});
