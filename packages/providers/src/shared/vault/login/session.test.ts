import { describe, expect, test } from "vitest";
import { loginPath, openFixture, read, rejection, textOf } from "../../../../test/vault/fixture.ts";

const [second, minute, hour] = [1000, 60_000, 3_600_000];
const lookup = "auth/token/lookup-self";
const renewal = "auth/token/renew-self";

describe("a login", () => {
  test("is shared by all waiting reads, and its token is registered with the redactor before it is used", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open();
    await Promise.all(Array.from({ length: 200 }, () => read(provider, "db")));
    expect(fixture.double.count(loginPath)).toBe(1);
    expect(fixture.double.count(/^sys\/internal/)).toBe(1);
    expect(fixture.host.protected.map(({ value }) => value)).toContain(fixture.double.tokens.made[0]);
  });

  test("continues for the others if the read that started it is aborted", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    fixture.double.isStalled = true;
    const controller = new AbortController();
    const aborted = rejection(provider.get({ path: "db", version: "current" }, controller));
    const waiting = rejection(read(provider, "db"));
    await fixture.double.until(() => fixture.double.count(loginPath) === 1);
    controller.abort(new Error("gone"));
    expect(await aborted).toMatchObject({ message: "gone" });
    fixture.double.isStalled = false;
    // The stalled login ends at its deadline; the waiting read fails with it, and the next one logs in.
    await fixture.clock.advance(10 * second);
    expect(await waiting).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    expect(fixture.double.count(loginPath)).toBe(2);
  });

  test("that is refused is not repeated for each secret, with a longer pause after each refusal", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    fixture.double.refusesLogins = true;
    const readAll = async (): Promise<unknown[]> =>
      Promise.all(Array.from({ length: 50 }, (_, index) => rejection(read(provider, `db-${index}`))));
    for (const error of await readAll())
      expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
    expect(fixture.double.count(loginPath)).toBe(1);
    // The first refusal causes no pause, so that the next read succeeds once the role is corrected.
    await readAll();
    await readAll();
    expect(fixture.double.count(loginPath)).toBe(2);
    await fixture.clock.advance(second);
    await readAll();
    await readAll();
    expect(fixture.double.count(loginPath)).toBe(3);
    await fixture.clock.advance(second);
    await readAll();
    expect(fixture.double.count(loginPath)).toBe(3);
    fixture.double.refusesLogins = false;
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    await fixture.clock.advance(4 * second);
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
  });
});

describe("a token with a lifetime above the maximum of timers", () => {
  test.each([30 * 24, 72_000])("of %i h is not renewed in a loop", async (hours) => {
    await using fixture = await openFixture();
    const { double, kv2, clock } = fixture;
    fixture.grant = { ttlMs: hours * hour };
    kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ engine: "kv-v2" });
    await read(provider, "db");
    await clock.advance(10 * minute);
    expect((await read(provider, "db")).status).toBe("ok");
    expect([double.count(renewal), double.count(loginPath)]).toEqual([0, 1]);
  });
});

describe("a secret that always fails", () => {
  test("does not affect the others", async () => {
    await using fixture = await openFixture();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    fixture.double.override = ({ path }) =>
      path === "secret/data/broken" ? { status: 500, body: { errors: ["internal error"] } } : undefined;
    const provider = await fixture.open({ engine: "kv-v2" });
    for (let round = 0; round < 3; round += 1) {
      expect(await rejection(read(provider, "broken"))).toMatchObject({ code: "UNAVAILABLE", scope: "path" });
      expect((await read(provider, "db")).status).toBe("ok");
    }
  });
});

/** The number of concurrent reads. Each is a request, so only .ci/run makes a thousand. */
const burst = process.env.TACIT_ALL_SEEDS === undefined ? 100 : 1000;

describe("a refusal", () => {
  test("of an invalid token causes one lookup, one login and one repetition for all reads", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    for (let index = 0; index < burst; index += 1) kv2.put(`db-${index}`, { password: "s3cret-fixture" });
    const provider = await fixture.open();
    await read(provider, "db-0");
    double.tokens.revokeAll();
    const results = await Promise.all(Array.from({ length: burst }, (_, index) => read(provider, `db-${index}`)));
    expect(results.every(({ status }) => status === "ok")).toBe(true);
    expect([double.count(loginPath), double.count(lookup)]).toEqual([2, 1]);
  });

  test("is avoided at the known expiry of a token: 1000 reads cause one login and no request with the old token", async () => {
    await using fixture = await openFixture();
    const { double, kv2, clock } = fixture;
    fixture.grant = { ttlMs: hour, renewable: false };
    kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open();
    await read(provider, "db");
    const [old] = double.tokens.made;
    clock.suspend(2 * hour);
    await Promise.all(Array.from({ length: 1000 }, () => read(provider, "db")));
    const late = double.requests.slice(3).filter(({ token }) => token === old);
    expect([double.count(loginPath), double.count(lookup), late.length]).toEqual([2, 0, 0]);
  });

  test("by a policy stays a denial, with one lookup for many secrets and no login", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    const provider = await fixture.open();
    kv2.put("db", { password: "s3cret-fixture" });
    await read(provider, "db");
    double.allows = ({ path }) => !path.startsWith("secret/data/");
    const errors = await Promise.all(
      Array.from({ length: 100 }, (_, index) => rejection(read(provider, `db-${index}`))),
    );
    for (const error of errors) expect(error).toMatchObject({ code: "PERMISSION_DENIED", reason: "policy" });
    const rule = 'path "secret/data/db-99" { capabilities = ["read"] }';
    expect(errors[99]).toMatchObject({ tip: expect.stringContaining(rule) });
    expect([double.count(loginPath), double.count(lookup)]).toEqual([1, 1]);
  });

  test("of a token that becomes invalid soon after a lookup is not reported as a denial", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    const provider = await fixture.open();
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    double.allows = ({ path }) => path !== "secret/data/other";
    await rejection(read(provider, "other"));
    expect(double.count(lookup)).toBe(1);
    await clock.advance(200);
    double.tokens.revokeAll();
    expect(await read(provider, "db")).toMatchObject({ status: "ok" });
    expect(double.count(loginPath)).toBe(2);
  });

  test("of a read sent after the last lookup causes another lookup, since the token may have become invalid in between", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    const provider = await fixture.open();
    kv2.put("db", { password: "s3cret-fixture" });
    double.allows = ({ path }) => path !== "secret/data/denied";
    for (let round = 1; round <= 3; round += 1) {
      expect(await rejection(read(provider, "denied"))).toMatchObject({ code: "PERMISSION_DENIED" });
      double.tokens.revokeAll();
      expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
      expect([double.count(loginPath), double.count(lookup)]).toEqual([round + 1, 2 * round]);
    }
  });

  test("of a read sent during a lookup is not decided by that lookup", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    const provider = await fixture.open({ engine: "kv-v2" });
    kv2.put("db", { password: "s3cret-fixture" });
    await read(provider, "db");
    double.allows = ({ path }) => path !== "secret/data/denied";
    const letGo = Promise.withResolvers<void>();
    double.holds = ({ path }) => (path === lookup ? letGo.promise : undefined);
    const denied = rejection(read(provider, "denied"));
    await double.until(() => double.count(lookup) === 1);
    // The token was valid during the lookup, and revoked before its response.
    double.holds = () => undefined;
    double.tokens.revokeAll();
    const reading = textOf(read(provider, "db"));
    await double.until(() => double.count(lookup) === 2);
    letGo.resolve();
    expect(await denied).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(await reading).toEqual({ password: "s3cret-fixture" });
  });

  test("does not cause repeated logins if the token may not look itself up", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    const provider = await fixture.open({ engine: "kv-v2" });
    double.allows = ({ path }) => path.endsWith("/db") && path !== lookup;
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    for (let round = 0; round < 20; round += 1) {
      const errors = await Promise.all(["x", "y"].map((path) => rejection(read(provider, path))));
      for (const error of errors) expect(error).toMatchObject({ code: "PERMISSION_DENIED" });
    }
    expect(double.count(loginPath)).toBe(2);
    // The assumption expires, since the token may have become invalid.
    double.tokens.revokeAll();
    await clock.advance(minute);
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
  });

  test("is reported as an outage if the lookup after it fails", async () => {
    await using fixture = await openFixture();
    const { double } = fixture;
    const provider = await fixture.open({ engine: "kv-v2" });
    double.override = ({ path }) => {
      if (path.startsWith("secret/")) return { status: 403, body: { errors: ["permission denied"] } };
      return path === lookup ? { status: 500, body: { errors: ["internal error"] } } : undefined;
    };
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAVAILABLE", reason: "server-error" });
    expect(double.count(loginPath)).toBe(1);
  });
});

describe("a token", () => {
  test("is renewed repeatedly after three fifths of its lifetime", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    fixture.grant = { ttlMs: 10 * minute };
    const provider = await fixture.open();
    await read(provider, "db");
    for (let round = 1; round <= 20; round += 1) {
      await clock.advance(6 * minute - second);
      expect(double.count(renewal)).toBe(round - 1);
      await clock.advance(second);
      await double.until(() => double.count(renewal) === round);
      await settled(() => clock.armed === 1);
    }
    await read(provider, "db");
    expect(double.count(loginPath)).toBe(1);
  });

  test("at its maximum lifetime is replaced while it is valid, and then revoked", async () => {
    await using fixture = await openFixture();
    const { double, clock, kv2 } = fixture;
    fixture.grant = { ttlMs: 10 * minute, maxTtlMs: 15 * minute };
    kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open();
    await read(provider, "db");
    await clock.advance(6 * minute);
    await double.until(() => double.count(renewal) === 1);
    await settled(() => clock.armed === 1);
    // The grant of nine instead of ten minutes shows the maximum.
    await clock.advance(0.6 * 9 * minute);
    await double.until(() => double.count(loginPath) === 2);
    await double.until(() => double.tokens.revoked.length === 1);
    expect(double.tokens.revoked).toEqual([double.tokens.made[0]]);
    expect(double.count(renewal)).toBe(1);
    expect((await read(provider, "db")).status).toBe("ok");
    expect(double.requests.at(-1)?.token).toBe(double.tokens.made[1]);
  });

  test("with a period is always renewed", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    fixture.grant = { ttlMs: minute, periodMs: minute, maxTtlMs: minute };
    const provider = await fixture.open();
    await read(provider, "db");
    for (let round = 1; round <= 10; round += 1) {
      await clock.advance(36 * second);
      await double.until(() => double.count(renewal) === round);
      await settled(() => clock.armed === 1);
    }
    expect(double.count(loginPath)).toBe(1);
  });

  test.each([
    ["of the batch type", { type: "batch" }],
    ["that is not renewable", { renewable: false }],
  ] as const)("%s is never renewed, but replaced before it expires", async (_title, grant) => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    fixture.grant = { ttlMs: 10 * minute, ...grant };
    const provider = await fixture.open();
    await read(provider, "db");
    await clock.advance(6 * minute);
    await double.until(() => double.count(loginPath) === 2);
    expect(double.count(renewal)).toBe(0);
  });

  test("with a number of uses is replaced before the last one", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    fixture.grant = { numUses: 5 };
    kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ engine: "kv-v2" });
    for (let count = 0; count < 12; count += 1) expect((await read(provider, "db")).status).toBe("ok");
    await Promise.all(Array.from({ length: 12 }, () => read(provider, "db")));
    const denied = double.count(lookup);
    expect([double.count(loginPath), denied]).toEqual([6, 0]);
    // The remaining use revoked each of them.
    await double.until(() => double.tokens.revoked.length === 5);
  });

  test("with one use is used once", async () => {
    await using fixture = await openFixture();
    fixture.grant = { numUses: 1 };
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ engine: "kv-v2" });
    for (let count = 0; count < 3; count += 1) expect((await read(provider, "db")).status).toBe("ok");
    expect(fixture.double.count(loginPath)).toBe(3);
  });

  test("that never expires needs no timer", async () => {
    await using fixture = await openFixture();
    fixture.grant = { ttlMs: 0 };
    const provider = await fixture.open();
    await read(provider, "db");
    expect(fixture.clock.armed).toBe(0);
    fixture.clock.suspend(10_000 * hour);
    await read(provider, "db");
    expect(fixture.double.count(loginPath)).toBe(1);
  });

  test("that expired while the machine was suspended is replaced before it is used, whichever clock stopped", async () => {
    for (const monotonicStops of [true, false]) {
      await using fixture = await openFixture();
      const { double, kv2, clock } = fixture;
      fixture.grant = { ttlMs: hour };
      kv2.put("db", { password: "s3cret-fixture" });
      const provider = await fixture.open();
      await read(provider, "db");
      clock.suspend(2 * hour, { monotonicStops });
      expect((await read(provider, "db")).status).toBe("ok");
      expect([double.count(loginPath), double.count(lookup)]).toEqual([2, 0]);
    }
  });

  test("whose renewal is overdue after a suspension is renewed with the next read", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    fixture.grant = { ttlMs: hour };
    const provider = await fixture.open();
    await read(provider, "db");
    clock.suspend(50 * minute, { monotonicStops: true });
    await read(provider, "db");
    await double.until(() => double.count(renewal) === 1);
    expect(double.count(loginPath)).toBe(1);
  });

  test("without the permission to renew itself is replaced", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    fixture.grant = { ttlMs: 10 * minute };
    double.allows = ({ path }) => path !== renewal;
    const provider = await fixture.open();
    await read(provider, "db");
    await clock.advance(6 * minute);
    await double.until(() => double.count(loginPath) === 2);
  });

  test("that cannot be renewed during an outage is retried, with one warning", async () => {
    await using fixture = await openFixture();
    const { double, clock, host } = fixture;
    fixture.grant = { ttlMs: 10 * minute };
    const provider = await fixture.open();
    await read(provider, "db");
    double.state = "sealed";
    await clock.advance(6 * minute);
    await double.until(() => double.count(renewal) === 1);
    await settled(() => host.warnings.length === 1 && clock.armed === 1);
    expect(host.warnings).toMatchObject([{ code: "token-renewal", tip: expect.stringContaining("sealed") }]);
    double.state = "active";
    await clock.advance(0.6 * 4 * minute);
    await double.until(() => double.count(renewal) === 2);
    expect(double.count(loginPath)).toBe(1);
  });
});

/** Waits for the effects of a response, without advancing the clock. */
async function settled(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !holds(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(holds()).toBe(true);
}
