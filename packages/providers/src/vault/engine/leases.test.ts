import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
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
  test("prolongs the lease of the same credential", async () => {
    const { lease, renew } = await takeLease();
    await fixture.clock.advance(20_000);
    expect(await renew()).toEqual(lease);
    await fixture.clock.advance(59_000);
    expect([...fixture.engines.database.users.keys()]).toEqual(["v-app-1"]);
  });

  test("says what was granted where that is less than was asked for", async () => {
    const { lease, renew } = await takeLease();
    await fixture.clock.advance(50_000);
    expect(await renew()).toEqual({ ...lease, durationMs: 50_000 });
    expect(fixture.double.requests.at(-1)?.body).toEqual({ lease_id: lease.id, increment: 60 });
  });

  test.each(["ended", "was revoked"])("is a definitive NOT_FOUND where the lease %s", async (how) => {
    const { lease, renew } = await takeLease();
    if (how === "ended") await fixture.clock.advance(60_000);
    else fixture.engines.leases.end(lease.id);
    expect(await rejection(renew())).toMatchObject({ code: "NOT_FOUND", definitive: true, retryable: false });
  });

  test("is a definitive NOT_FOUND where the lease died with its token", async () => {
    const { renew } = await takeLease();
    fixture.endTokens();
    expect(await rejection(renew())).toMatchObject({ code: "NOT_FOUND", definitive: true });
    expect(fixture.engines.database.users.size).toBe(0);
  });

  test("is UNSUPPORTED where Vault does not renew it", async () => {
    fixture.engines.database.roles.set("app", { ttl: 60, maxTtl: 100, renewable: false });
    const { lease, renew } = await takeLease();
    expect(lease.renewable).toBe(false);
    expect(await rejection(renew())).toMatchObject({ code: "UNSUPPORTED", reason: "not-renewable" });
  });

  test("without a policy for it says what to grant", async () => {
    const { renew } = await takeLease();
    fixture.double.allows = (request) => request.path !== "sys/leases/renew";
    expect(await rejection(renew())).toMatchObject({
      code: "PERMISSION_DENIED",
      tip: expect.stringContaining('"update" on "sys/leases/renew"'),
    });
  });

  test("fails like any call where Vault is sealed", async () => {
    const { renew } = await takeLease();
    fixture.double.override = () => ({ status: 503, body: { errors: ["Vault is sealed"] } });
    expect(await rejection(renew())).toMatchObject({ code: "UNAVAILABLE", reason: "sealed" });
  });

  test("takes no other refusal for the end of the lease", async () => {
    const { renew } = await takeLease();
    fixture.double.override = () => ({ status: 400, body: { errors: ["s3cret-fixture"] } });
    expect(await rejection(renew())).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
  });
});

describe("revoking", () => {
  test("takes the credential back at once, and waits for it", async () => {
    const { lease, revoke } = await takeLease();
    await revoke();
    expect(fixture.engines.database.users.size).toBe(0);
    expect(fixture.double.requests.at(-1)?.body).toEqual({ lease_id: lease.id, sync: true });
  });

  test("succeeds for a lease that has ended, and for one that nobody knows", async () => {
    const { lease, revoke } = await takeLease();
    await revoke();
    await revoke();
    await revoke({ ...lease, id: "database/creds/app/unknown" });
  });

  test("succeeds where Vault answers with words that the lease is not known", async () => {
    const { revoke } = await takeLease();
    fixture.double.override = () => ({ status: 400, body: { errors: ["lease not found"] } });
    await revoke();
  });

  test("without a policy for it says what to grant, so that the client can tell what it left behind", async () => {
    const { revoke } = await takeLease();
    fixture.double.allows = (request) => request.path !== "sys/leases/revoke";
    expect(await rejection(revoke())).toMatchObject({
      code: "PERMISSION_DENIED",
      tip: expect.stringContaining('"update" on "sys/leases/revoke"'),
    });
    expect(fixture.engines.database.users.size).toBe(1);
  });

  test("fails where the engine cannot take the credential back", async () => {
    const { revoke } = await takeLease();
    fixture.double.override = () => ({ status: 500, body: { errors: ["failed to revoke s3cret-fixture"] } });
    expect(await rejection(revoke())).toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a lease", () => {
  test("that lasts no time is none: it is not renewed, and not revoked when the provider closes", async () => {
    fixture.double.override = (call) =>
      call.path === path
        ? replied({ username: "app" }, { lease_id: "database/creds/app/1", lease_duration: 0, renewable: true })
        : undefined;
    const provider = await fixture.open(options);
    expect((await readOk(provider, path)).lease).toBeUndefined();
    await provider.close?.();
    expect(fixture.double.count("sys/leases/revoke")).toBe(0);
  });

  test("is none where only a duration is told", async () => {
    fixture.double.override = (call) =>
      call.path === path ? replied({ username: "app" }, { lease_duration: 2_764_800, renewable: true }) : undefined;
    const provider = await fixture.open(options);
    expect((await readOk(provider, path)).lease).toBeUndefined();
  });

  test("of a batch token ends with the token, and is not renewed then", async () => {
    fixture.grant = { ttlMs: 30_000, renewable: false, type: "batch" };
    expect((await takeLease()).lease).toMatchObject({ durationMs: 30_000, renewable: false });
  });

  test("that a batch token outlives is renewed until that token ends", async () => {
    fixture.grant = { ttlMs: 90_000, renewable: false, type: "batch" };
    const { lease, renew } = await takeLease();
    expect(lease).toMatchObject({ durationMs: 60_000, renewable: true });
    await fixture.clock.advance(50_000);
    expect(await renew()).toMatchObject({ durationMs: 40_000, renewable: false });
  });

  test("that a renewable token may not outlive is looked at within each of its terms, and renewed for its own", async () => {
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

    test("keeps its term where its token lives longer", async () => {
      fixture.grant = { ttlMs: 70_000 };
      expect((await takeLease()).lease).toMatchObject({ durationMs: 60_000, renewable: false });
    });

    test("ends with its token at the latest, and is looked at within each of its terms, without a request", async () => {
      fixture.grant = { ttlMs: 20_000, maxTtlMs: 50_000 };
      const { lease, renew } = await takeLease();
      expect(lease).toMatchObject({ durationMs: 16_000, renewable: true });
      await fixture.clock.advance(13_000);
      await fixture.double.until(() => fixture.double.count("auth/token/renew-self") === 1);
      expect(await renew()).toEqual(lease);
      expect(fixture.double.count("sys/leases/renew")).toBe(0);
    });

    test("tells what is left of its token as soon as that has met its maximum", async () => {
      fixture.grant = { ttlMs: 20_000, maxTtlMs: 25_000 };
      const { lease, renew } = await takeLease();
      await fixture.clock.advance(13_000);
      await fixture.double.until(() => fixture.double.count("auth/token/renew-self") === 1);
      // The grant of the renewal is below the term: there is no other one, and a login follows.
      await fixture.double.until(() => fixture.double.tokens.made.length === 2);
      expect(await renew()).toEqual({ ...lease, durationMs: 12_000, renewable: false });
    });

    test("tells its own rest where that is shorter than what its token is sure of", async () => {
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

    test("is a definitive NOT_FOUND when its own time is over", async () => {
      fixture.grant = { ttlMs: 30_000 };
      const { renew } = await takeLease();
      fixture.clock.suspend(60_000);
      expect(await rejection(renew())).toMatchObject({ code: "NOT_FOUND", definitive: true });
    });
  });
});

/** Lets what an answer leads to happen, without time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
