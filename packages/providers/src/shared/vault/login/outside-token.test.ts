import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { turns } from "../../../../test/turns.ts";
import { loginPath, openFixture, read, rejection } from "../../../../test/vault/fixture.ts";

const minute = 60_000;
const lookup = "auth/token/lookup-self";

describe("an existing token", () => {
  test.each(["token", "token-file"])(
    "of the method %s is looked up, renewed, read again when it is invalid, and never revoked",
    async (method) => {
      await using fixture = await openFixture();
      const { double, clock, kv2 } = fixture;
      kv2.put("db", { password: "s3cret-fixture" });
      const file = fixture.file("token", `${double.tokens.create({ ttlMs: 10 * minute })}\n`);
      const auth = method === "token" ? { method, token: { $file: file } } : { method, file };
      const provider = await fixture.open({ auth, engine: "kv-v2" });
      await read(provider, "db");
      await clock.advance(6 * minute);
      await double.until(() => double.count("auth/token/renew-self") === 1);
      const next = double.tokens.create();
      fixture.file("token", next);
      double.tokens.revoke(double.tokens.made[0] ?? "");
      expect((await read(provider, "db")).status).toBe("ok");
      expect(double.requests.at(-1)?.token).toBe(next);
      await provider.close?.();
      expect(double.count("auth/token/revoke-self")).toBe(0);
      expect(double.tokens.alive).toEqual([next]);
    },
  );

  test.each([
    ["a byte order mark", "\ufeff", ""],
    ["a line end of Windows", "", "\r\n"],
    ["blanks", "  ", " \n"],
  ])("may have %s around it in its file", async (_, before, after) => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    kv2.put("db", { password: "s3cret-fixture" });
    const file = fixture.file("sink", `${before}${double.tokens.create()}${after}`);
    const provider = await fixture.open({ auth: { method: "token-file", file }, engine: "kv-v2" });
    expect((await read(provider, "db")).status).toBe("ok");
  });

  test("in a sink that is empty before the first login of an Agent is an error, and is read once it exists", async () => {
    await using fixture = await openFixture();
    const { double, kv2 } = fixture;
    kv2.put("db", { password: "s3cret-fixture" });
    const file = fixture.file("sink", "");
    const provider = await fixture.open({ auth: { method: "token-file", file }, engine: "kv-v2" });
    const empty = { code: "UNAUTHENTICATED", reason: "credential-empty" };
    expect(await rejection(read(provider, "db"))).toMatchObject(empty);
    fixture.file("sink", double.tokens.create());
    await fixture.clock.advance(minute);
    expect((await read(provider, "db")).status).toBe("ok");
  });

  test("that is invalid and was not replaced is UNAUTHENTICATED, after one lookup", async () => {
    await using fixture = await openFixture();
    const { double } = fixture;
    const token = { $file: fixture.file("token", double.tokens.create()) };
    const provider = await fixture.open({ auth: { method: "token", token }, engine: "kv-v2" });
    await read(provider, "db");
    double.tokens.revokeAll();
    const errors = await Promise.all(
      Array.from({ length: 100 }, (_, index) => rejection(read(provider, `db-${index}`))),
    );
    for (const error of errors) expect(error).toMatchObject({ code: "UNAUTHENTICATED", reason: "login-refused" });
    // Lookups by the first login, after the refusal, and by the login after it.
    expect(double.count(lookup)).toBe(3);
  });

  test("that is about to expire is not looked up in a loop", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    const token = { $file: fixture.file("token", double.tokens.create({ ttlMs: minute, renewable: false })) };
    const provider = await fixture.open({ auth: { method: "token", token }, engine: "kv-v2" });
    await read(provider, "db");
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await clock.advance(1000);
      await turns();
    }
    expect(double.count(lookup)).toBeLessThan(12);
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test.each(["BAO_TOKEN", "VAULT_TOKEN"])("comes from %s if the document contains no login", async (name) => {
    await using fixture = await openFixture({
      credential: async (source) => Buffer.from("$env" in source ? (variables[source.$env] ?? "") : ""),
    });
    const variables: Record<string, string> = { [name]: fixture.double.tokens.create() };
    Object.assign(fixture.environment, variables);
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ auth: { method: "token" } });
    expect((await read(provider, "db")).status).toBe("ok");
  });

  test("in a file of the home directory is read only if configured", async () => {
    await using fixture = await openFixture();
    const home = fixture.file(".vault-token", fixture.double.tokens.create()).replace("/.vault-token", "");
    expect(existsSync(home)).toBe(true);
    fixture.environment.HOME = home;
    const provider = await fixture.open({ auth: { method: "token" } });
    expect(await rejection(read(provider, "db"))).toMatchObject({
      code: "INVALID_CONFIG",
      reason: "credential-missing",
    });
    expect(fixture.double.requests).toEqual([]);
    const asked = await fixture.open({ auth: { method: "token-file" }, engine: "kv-v2" });
    expect((await read(asked, "db")).status).toBe("not-found");
  });
});

describe("close", () => {
  test("revokes the token created by a login, and leaves no timer", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    await read(provider, "db");
    await Promise.all([provider.close?.(), provider.close?.()]);
    expect(fixture.double.tokens.alive).toEqual([]);
    expect(fixture.double.count("auth/token/revoke-self")).toBe(1);
    expect([fixture.clock.armed, fixture.host.warnings]).toEqual([0, []]);
  });

  test("warns about a token that could not be revoked, and does not wait for a store that does not respond", async () => {
    await using fixture = await openFixture();
    const { double, clock, host } = fixture;
    const provider = await fixture.open();
    await read(provider, "db");
    double.isStalled = true;
    const closed = provider.close?.();
    await double.until(() => double.count("auth/token/revoke-self") === 1);
    await clock.advance(750);
    await closed;
    expect(host.warnings).toMatchObject([{ code: "token-not-revoked" }]);
    expect(clock.armed).toBe(0);
  });

  test("sends no request without a login, or with a batch or expired token", async () => {
    for (const grant of [undefined, { type: "batch" }, { ttlMs: minute }] as const) {
      await using fixture = await openFixture();
      const provider = await fixture.open({ engine: "kv-v2" });
      if (grant !== undefined) {
        fixture.grant = grant;
        await read(provider, "db");
        fixture.clock.suspend(2 * minute);
      }
      await provider.close?.();
      expect([fixture.double.count("auth/token/revoke-self"), fixture.host.warnings]).toEqual([0, []]);
    }
  });

  test("ends the reads that wait for a login immediately, and the login after a while", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    double.isStalled = true;
    const provider = await fixture.open();
    const reading = rejection(read(provider, "db"));
    await double.until(() => double.count(loginPath) === 1);
    const closed = provider.close?.();
    expect(await reading).toMatchObject({ code: "CLOSED" });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "CLOSED" });
    await clock.advance(750);
    await closed;
    expect(clock.armed).toBe(0);
  });

  test("revokes the token of a login that was in progress", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    const provider = await fixture.open();
    const reading = rejection(read(provider, "db"));
    await double.until(() => double.count(loginPath) === 1);
    await provider.close?.();
    expect(await reading).toMatchObject({ code: "CLOSED" });
    expect([double.tokens.made.length, double.tokens.alive, clock.armed]).toEqual([1, [], 0]);
  });
});
