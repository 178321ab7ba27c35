import { describe, expect, test } from "vitest";
import { lendingClient } from "../../test/lending-client.ts";
import { LendingStore } from "../../test/lending-store.ts";
import { fateOf } from "../../test/scripted-client.ts";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { createSecrets } from "../client/secrets.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "../testing/manual-clock.ts";

const pair = object(["username", "password"]);
const declared = declareSecrets({ db: { ref: "creds/app", as: pair } });
const minute = 60_000;

/** One name over two stores. */
function chain(order: readonly ("static" | "lending" | "other")[]) {
  const clock = manualClock();
  const lending = new LendingStore(clock);
  const other = new LendingStore(clock);
  const scripted = new ScriptedStore();
  const secrets = createSecrets({
    strict: false,
    declare: declared,
    adapters: { lending: lending.adapter(), other: other.adapter(), static: scripted.adapter() },
    config: {
      providers: { lending: { use: "lending" }, other: { use: "other" }, static: { use: "static" } },
      routes: [{ match: "**", to: order, fallbackOn: ["UNAVAILABLE", "THROTTLED", "NOT_FOUND"] }],
    },
    clock,
    random: () => 0.5,
    redactor: createRedactor(),
  });
  scripted.set("creds/app", { username: "static", password: "static" });
  return { secrets, clock, lending, other, scripted, password: () => secrets.latest("db").reveal().password };
}

describe("a chain", () => {
  test("whose fallback lends is served by it for as long as it renews", async () => {
    const { secrets, clock, lending, scripted, password } = chain(["static", "lending"]);
    scripted.fail("UNAVAILABLE");
    const ready = fateOf(secrets.ready());
    await clock.advance(1_000);
    expect(ready.now.state).toBe("resolved");
    for (let second = 0; second < 600; second += 1) {
      await clock.advance(1_000);
      expect(lending.alive).toContain(password());
    }
    expect(lending.minted).toHaveLength(1);
    expect(secrets.latest("db").meta.expiresAt?.getTime()).toBeGreaterThan(clock.now() + 30_000);
    scripted.heal();
    await clock.advance(5 * minute);
    expect(password()).toBe("static");
    expect(lending.alive).toEqual([]);
    expect(lending.revocations).toBe(1);
    await secrets.close();
  });

  test("of two that lend makes one credential in each at most, and gives the second one back", async () => {
    const { secrets, clock, lending, other, password } = chain(["lending", "other"]);
    lending.hangs = true;
    const ready = fateOf(secrets.ready());
    await clock.advance(5_000);
    expect(ready.now.state).toBe("resolved");
    expect(other.minted).toHaveLength(1);
    await clock.advance(5 * minute);
    expect(other.alive).toContain(password());
    lending.hangs = false;
    await clock.advance(10 * minute);
    expect(lending.alive).toEqual([password()]);
    expect(other.alive).toEqual([]);
    expect(other.minted).toHaveLength(1);
    await secrets.close();
    expect(lending.alive).toEqual([]);
  });

  test("whose first store lends moves down only when nothing lives, and back", async () => {
    const { secrets, clock, lending, password } = chain(["lending", "static"]);
    await secrets.ready();
    const down = new SecretError("UNAVAILABLE", "down");
    Object.assign(lending, { mintError: down, renewError: down });
    await clock.advance(50_000);
    expect(password()).toBe("password-1");
    await clock.advance(20_000);
    expect(password()).toBe("static");
    Object.assign(lending, { mintError: undefined, renewError: undefined });
    await clock.advance(5 * minute);
    expect(lending.alive).toEqual([password()]);
    await secrets.close();
    expect(lending.alive).toEqual([]);
  });
});

describe("views of one lent path", () => {
  test("with a decoder of their own for each read are bounded as any others", async () => {
    const { secrets, store, clock } = lendingClient(declareSecrets({}), { cache: { maxEntries: 10 } });
    for (let round = 0; round < 200; round += 1) await secrets.getSecret("creds/app", object(["username"]));
    expect(secrets.health().secrets.length).toBeLessThanOrEqual(10);
    expect(store.minted).toHaveLength(1);
    await clock.flush();
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("share one credential and one renewal", async () => {
    const many = declareSecrets({
      db: { ref: "creds/app", as: pair },
      user: { ref: "creds/app#username" },
      pass: { ref: "creds/app#password" },
    });
    const { secrets, store, clock } = lendingClient(many);
    await secrets.ready();
    await clock.advance(25_000);
    expect([store.minted.length, store.renewals]).toEqual([1, 1]);
    expect(secrets.latest("pass").meta.expiresAt).toEqual(secrets.latest("db").meta.expiresAt);
    await secrets.close();
    expect(store.revocations).toBe(1);
  });
});
