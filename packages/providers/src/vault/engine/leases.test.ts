import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { turns } from "../../../test/turns.ts";
import { replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, leaseOf, openEngineFixture, readOk } from "../../../test/vault/engine-fixture.ts";

const options = { mounts: { database: { engine: "database" } } };
const path = "database/creds/app";
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
  fixture.engines.database.roles.set("app", { ttl: 60, maxTtl: 100, renewable: true });
});
afterEach(() => fixture[Symbol.asyncDispose]());

async function takeLease() {
  const provider = await fixture.open(options);
  const lease = leaseOf(await readOk(provider, path));
  const { context } = fixture;
  return {
    provider,
    lease,
    renew: (which = lease) => provider.renew?.(which, context) ?? Promise.reject(new Error("no renew")),
    revoke: (which = lease) => provider.revoke?.(which, context) ?? Promise.reject(new Error("no revoke")),
  };
}

describe("renewing", () => {
  test("extends the lease of the same credential", async () => {
    const { lease, renew } = await takeLease();
    await fixture.clock.advance(20_000);
    expect(await renew()).toEqual(lease);
    await fixture.clock.advance(59_000);
    expect([...fixture.engines.database.users.keys()]).toEqual(["v-app-1"]);
  });

  test("returns the granted duration if it is shorter than requested", async () => {
    const { lease, renew } = await takeLease();
    await fixture.clock.advance(50_000);
    expect(await renew()).toEqual({ ...lease, durationMs: 50_000 });
    expect(fixture.double.requests.at(-1)?.body).toEqual({ lease_id: lease.id, increment: 60 });
  });

  test.each(["ended", "was revoked"])("is a definitive NOT_FOUND if the lease %s", async (how) => {
    const { lease, renew } = await takeLease();
    if (how === "ended") await fixture.clock.advance(60_000);
    else fixture.engines.leases.end(lease.id);
    expect(await rejection(renew())).toMatchObject({ code: "NOT_FOUND", definitive: true, retryable: false });
  });

  test("is a definitive NOT_FOUND if the lease has ended with its token", async () => {
    const { renew } = await takeLease();
    fixture.endTokens();
    expect(await rejection(renew())).toMatchObject({ code: "NOT_FOUND", definitive: true });
    expect(fixture.engines.database.users.size).toBe(0);
  });

  test("is UNSUPPORTED if Vault does not renew the lease", async () => {
    fixture.engines.database.roles.set("app", { ttl: 60, maxTtl: 100, renewable: false });
    const { lease, renew } = await takeLease();
    expect(lease.renewable).toBe(false);
    expect(await rejection(renew())).toMatchObject({ code: "UNSUPPORTED", reason: "not-renewable" });
  });

  test("without a policy contains the missing permission", async () => {
    const { renew } = await takeLease();
    fixture.double.allows = (request) => request.path !== "sys/leases/renew";
    expect(await rejection(renew())).toMatchObject({
      code: "PERMISSION_DENIED",
      tip: expect.stringContaining('"update" on "sys/leases/renew"'),
    });
  });

  test("fails like any call if Vault is sealed", async () => {
    const { renew } = await takeLease();
    fixture.double.override = () => ({ status: 503, body: { errors: ["Vault is sealed"] } });
    expect(await rejection(renew())).toMatchObject({ code: "UNAVAILABLE", reason: "sealed" });
  });

  test("does not report any other refusal as the end of the lease", async () => {
    const { renew } = await takeLease();
    fixture.double.override = () => ({ status: 400, body: { errors: ["s3cret-fixture"] } });
    expect(await rejection(renew())).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
  });
});

describe("revoking", () => {
  test("revokes the credential immediately, and waits for it", async () => {
    const { lease, revoke } = await takeLease();
    await revoke();
    expect(fixture.engines.database.users.size).toBe(0);
    expect(fixture.double.requests.at(-1)?.body).toEqual({ lease_id: lease.id, sync: true });
  });

  test("succeeds for an ended and for an unknown lease", async () => {
    const { lease, revoke } = await takeLease();
    await revoke();
    await revoke();
    await revoke({ ...lease, id: "database/creds/app/unknown" });
  });

  test("succeeds if the message of Vault says that the lease is unknown", async () => {
    const { revoke } = await takeLease();
    fixture.double.override = () => ({ status: 400, body: { errors: ["lease not found"] } });
    await revoke();
  });

  test("without a policy contains the missing permission", async () => {
    const { revoke } = await takeLease();
    fixture.double.allows = (request) => request.path !== "sys/leases/revoke";
    expect(await rejection(revoke())).toMatchObject({
      code: "PERMISSION_DENIED",
      tip: expect.stringContaining('"update" on "sys/leases/revoke"'),
    });
    expect(fixture.engines.database.users.size).toBe(1);
  });

  test("fails if the engine cannot revoke the credential", async () => {
    const { revoke } = await takeLease();
    fixture.double.override = () => ({ status: 500, body: { errors: ["failed to revoke s3cret-fixture"] } });
    expect(await rejection(revoke())).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a lease", () => {
  test("of duration 0 is ignored: it is neither renewed nor revoked when the provider closes", async () => {
    fixture.double.override = (call) =>
      call.path === path
        ? replied({ username: "app" }, { lease_id: "database/creds/app/1", lease_duration: 0, renewable: true })
        : undefined;
    const provider = await fixture.open(options);
    expect((await readOk(provider, path)).lease).toBeUndefined();
    await provider.close?.();
    expect(fixture.double.count("sys/leases/revoke")).toBe(0);
  });

  test("is undefined if the response contains only a duration", async () => {
    fixture.double.override = (call) =>
      call.path === path ? replied({ username: "app" }, { lease_duration: 2_764_800, renewable: true }) : undefined;
    const provider = await fixture.open(options);
    expect((await readOk(provider, path)).lease).toBeUndefined();
  });

  test("of a batch token ends with the token, without a renewal", async () => {
    fixture.grant = { ttlMs: 30_000, renewable: false, type: "batch" };
    expect((await takeLease()).lease).toMatchObject({ durationMs: 30_000, renewable: false });
  });

  test("shorter than the lifetime of its batch token is renewed until the token ends", async () => {
    fixture.grant = { ttlMs: 90_000, renewable: false, type: "batch" };
    const { lease, renew } = await takeLease();
    expect(lease).toMatchObject({ durationMs: 60_000, renewable: true });
    await fixture.clock.advance(50_000);
    expect(await renew()).toMatchObject({ durationMs: 40_000, renewable: false });
  });

  test("longer than the term of its renewable token is renewed within each term, for its own duration", async () => {
    fixture.grant = { ttlMs: 20_000 };
    const { lease, renew } = await takeLease();
    expect(lease).toMatchObject({ durationMs: 16_000, renewable: true });
    await fixture.clock.advance(5_000);
    expect(await renew()).toEqual(lease);
    expect(fixture.double.requests.at(-1)?.body).toEqual({ lease_id: lease.id, increment: 60 });
  });

  describe("that cannot be renewed", () => {
    beforeEach(() => {
      fixture.engines.database.roles.set("app", { ttl: 60, maxTtl: 100, renewable: false });
    });

    test("keeps its duration if its token is valid for longer", async () => {
      fixture.grant = { ttlMs: 70_000 };
      expect((await takeLease()).lease).toMatchObject({ durationMs: 60_000, renewable: false });
    });

    test("ends with its token at the latest, and is checked within each term of the token, without a request", async () => {
      fixture.grant = { ttlMs: 20_000, maxTtlMs: 50_000 };
      const { lease, renew } = await takeLease();
      expect(lease).toMatchObject({ durationMs: 16_000, renewable: true });
      await fixture.clock.advance(13_000);
      await fixture.double.until(() => fixture.double.count("auth/token/renew-self") === 1);
      expect(await renew()).toEqual(lease);
      expect(fixture.double.count("sys/leases/renew")).toBe(0);
    });

    test("has the remaining duration of its token once that has reached its maximum", async () => {
      fixture.grant = { ttlMs: 20_000, maxTtlMs: 25_000 };
      const { lease, renew } = await takeLease();
      await fixture.clock.advance(13_000);
      await fixture.double.until(() => fixture.double.count("auth/token/renew-self") === 1);
      // The grant of the renewal is shorter than the term, so it is the last one, and a login follows.
      await fixture.double.until(() => fixture.double.tokens.made.length === 2);
      expect(await renew()).toEqual({ ...lease, durationMs: 12_000, renewable: false });
    });

    test("has its own remaining duration if that is shorter than the guaranteed one of its token", async () => {
      fixture.grant = { ttlMs: 30_000 };
      const { lease, renew } = await takeLease();
      for (const renewals of [1, 2]) {
        await fixture.clock.advance(19_500);
        await fixture.double.until(() => fixture.double.count("auth/token/renew-self") === renewals);
        await turns();
      }
      await fixture.clock.advance(6_000);
      expect(await renew()).toMatchObject({ id: lease.id, durationMs: 15_000, renewable: false });
    });

    test("is a definitive NOT_FOUND after its own duration", async () => {
      fixture.grant = { ttlMs: 30_000 };
      const { renew } = await takeLease();
      fixture.clock.suspend(60_000);
      expect(await rejection(renew())).toMatchObject({ code: "NOT_FOUND", definitive: true });
    });
  });
});
