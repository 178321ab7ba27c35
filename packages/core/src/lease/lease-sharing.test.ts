import { describe, expect, test } from "vitest";
import { leasingClient } from "../../test/leasing-client.ts";
import { LeasingStore } from "../../test/leasing-store.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { createSecrets } from "../client/secrets.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { text } from "../decode/text.ts";
import { SecretError } from "../error/secret-error.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "../testing/manual-clock.ts";

const pair = object(["username", "password"]);
const declared = declareSecrets({ db: { ref: "creds/app", as: pair } });
const minute = 60_000;

/** Creates a client with one name routed to two stores. */
function chain(order: readonly ("static" | "leasing" | "other")[], declare = declared) {
  const clock = manualClock();
  const leasing = new LeasingStore(clock);
  const other = new LeasingStore(clock);
  const scripted = new ScriptedStore();
  const secrets = createSecrets({
    strict: false,
    declare,
    adapters: { leasing: leasing.adapter(), other: other.adapter(), static: scripted.adapter() },
    config: {
      providers: { leasing: { use: "leasing" }, other: { use: "other" }, static: { use: "static" } },
      routes: [{ match: "**", to: order, fallbackOn: ["UNAVAILABLE", "THROTTLED", "NOT_FOUND"] }],
    },
    clock,
    random: () => 0.5,
    redactor: createRedactor(),
  });
  scripted.set("creds/app", { username: "static", password: "static" });
  return { secrets, clock, leasing, other, scripted, password: () => secrets.latest("db").reveal().password };
}

describe("a chain", () => {
  test("whose fallback issues leases is served by it as long as it renews them", async () => {
    const { secrets, clock, leasing, scripted, password } = chain(["static", "leasing"]);
    scripted.fail("UNAVAILABLE");
    const ready = settledOf(secrets.ready());
    await clock.advance(1_000);
    expect(ready.now.state).toBe("resolved");
    for (let second = 0; second < 600; second += 1) {
      await clock.advance(1_000);
      expect(leasing.alive).toContain(password());
    }
    expect(leasing.issued).toHaveLength(1);
    expect(secrets.latest("db").meta.expiresAt?.getTime()).toBeGreaterThan(clock.now() + 30_000);
    scripted.heal();
    await clock.advance(5 * minute);
    expect(password()).toBe("static");
    expect(leasing.alive).toEqual([]);
    expect(leasing.revocations).toBe(1);
    await secrets.close();
  });

  test("of two leasing stores has at most one credential of each, and revokes the one of the fallback", async () => {
    const { secrets, clock, leasing, other, password } = chain(["leasing", "other"]);
    leasing.hangs = true;
    const ready = settledOf(secrets.ready());
    await clock.advance(5_000);
    expect(ready.now.state).toBe("resolved");
    expect(other.issued).toHaveLength(1);
    await clock.advance(5 * minute);
    expect(other.alive).toContain(password());
    leasing.hangs = false;
    await clock.advance(10 * minute);
    expect(leasing.alive).toEqual([password()]);
    expect(other.alive).toEqual([]);
    expect(other.issued).toHaveLength(1);
    await secrets.close();
    expect(leasing.alive).toEqual([]);
  });

  test("whose first store issues leases falls back only when none is valid, and moves back later", async () => {
    const { secrets, clock, leasing, password } = chain(["leasing", "static"]);
    await secrets.ready();
    const down = new SecretError("UNAVAILABLE", "down");
    Object.assign(leasing, { issueError: down, renewError: down });
    await clock.advance(50_000);
    expect(password()).toBe("password-1");
    await clock.advance(20_000);
    expect(password()).toBe("static");
    Object.assign(leasing, { issueError: undefined, renewError: undefined });
    await clock.advance(5 * minute);
    expect(leasing.alive).toEqual([password()]);
    await secrets.close();
    expect(leasing.alive).toEqual([]);
  });

  test("keeps the credential that one alias serves when another refuses it", async () => {
    const both = declareSecrets({ db: { ref: "creds/app", as: pair }, whole: { ref: "creds/app", as: text() } });
    const { secrets, clock, leasing, password } = chain(["leasing", "static"], both);
    const ready = settledOf(secrets.ready());
    await clock.advance(30_000);
    expect(ready.now.state).toBe("rejected");
    expect(leasing.alive).toContain(password());
    await secrets.close();
  });
});

describe("views of one leased path", () => {
  test("with a new decoder for each read are limited in number as any others", async () => {
    const { secrets, store, clock } = leasingClient(declareSecrets({}), { cache: { maxEntries: 10 } });
    for (let round = 0; round < 200; round += 1) await secrets.getSecret("creds/app", object(["username"]));
    expect(secrets.health().secrets.length).toBeLessThanOrEqual(10);
    expect(store.issued).toHaveLength(1);
    await clock.flush();
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("all stop serving when the path is dropped, whichever credential each serves", async () => {
    let refuses = false;
    const three = declareSecrets({
      db: {
        ref: "x#password",
        accept: () => {
          if (refuses) throw new Error("not this one");
        },
      },
      pass: { ref: "y#password" },
      user: { ref: "z#username" },
    });
    const path = { provider: "store", path: "creds/app" };
    const { secrets, store, clock } = leasingClient(three, { bindings: { x: path, y: path, z: path } });
    await secrets.ready();
    refuses = true;
    store.renewError = new SecretError("NOT_FOUND", "lost");
    await clock.advance(30_000);
    expect(secrets.latest("db").reveal()).not.toBe(secrets.latest("pass").reveal());
    secrets.invalidate("pass", { drop: true });
    for (const alias of ["db", "pass", "user"] as const)
      expect(() => secrets.latest(alias)).toThrow(expect.objectContaining({ reason: "dropped" }));
    await secrets.close();
    expect(store.alive).toEqual([]);
  });

  test("share one credential and one renewal", async () => {
    const many = declareSecrets({
      db: { ref: "creds/app", as: pair },
      user: { ref: "creds/app#username" },
      pass: { ref: "creds/app#password" },
    });
    const { secrets, store, clock } = leasingClient(many);
    await secrets.ready();
    await clock.advance(25_000);
    expect([store.issued.length, store.renewals]).toEqual([1, 1]);
    expect(secrets.latest("pass").meta.expiresAt).toEqual(secrets.latest("db").meta.expiresAt);
    await secrets.close();
    expect(store.revocations).toBe(1);
  });
});
