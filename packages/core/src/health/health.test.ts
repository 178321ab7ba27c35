import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { leasingClient } from "../../test/leasing-client.ts";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { createSecrets } from "../client/secrets.ts";
import type { Finding } from "../contract/contract.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "../testing/manual-clock.ts";

const declared = declareSecrets({ db: { ref: "db" }, maybe: { ref: "maybe", optional: true } });

function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(declared, options);
  made.store.set("db", "a longer secret value");
  return made;
}

/** Two stores, one behind the other. */
function twoStores() {
  const stores = { first: new ScriptedStore(), second: new ScriptedStore() };
  const clock = manualClock();
  const secrets = createSecrets({
    declare: declareSecrets({ db: { ref: "db" } }),
    adapters: { first: stores.first.adapter(), second: stores.second.adapter() },
    config: {
      providers: { first: { use: "first" }, second: { use: "second" } },
      routes: [{ match: "**", to: ["first", "second"], fallbackOn: ["UNAVAILABLE", "NOT_FOUND"] }],
    },
    clock,
    redactor: createRedactor(),
  });
  return { secrets, clock, ...stores };
}

describe("health", () => {
  test("is starting until the required secrets have loaded, then ok, and closed after close", async () => {
    const { secrets } = client();
    expect(secrets.health()).toEqual({ status: "starting", secrets: [], providers: [] });
    const ready = secrets.ready();
    expect(secrets.health().status).toBe("starting");
    await ready;
    expect(secrets.health()).toMatchObject({
      status: "ok",
      secrets: [
        { alias: "db", reference: "db", required: true, state: "live", provider: "store", fallback: false, ageMs: 0 },
        { alias: "maybe", reference: "maybe", required: false, state: "absent" },
      ],
      providers: [{ name: "store", use: "scripted", state: "open", changes: "poll", degraded: false, failures: 0 }],
    });
    await secrets.close();
    expect(secrets.health().status).toBe("closed");
  });

  test("is ok without `ready`, too, once every required secret is served", async () => {
    const { secrets } = client();
    await secrets.getSecret("db");
    expect(secrets.health().status).toBe("ok");
  });

  test("is degraded while an outage is bridged, with age and code, and ok after it", async () => {
    const { secrets, store, clock } = client();
    store.set("also/watched", "another secret value");
    await Promise.all([secrets.ready(), secrets.watch("also/watched").ready]);
    store.fail("UNAVAILABLE");
    await clock.advance(5 * 60_000 + 0.25);
    const [db] = secrets.health().secrets;
    expect(secrets.health()).toMatchObject({
      status: "degraded",
      providers: [{ state: "unavailable", code: "UNAVAILABLE" }],
    });
    expect(db).toMatchObject({ state: "stale", code: "UNAVAILABLE" });
    expect(db?.ageMs).toBeGreaterThan(3 * 60_000);
    expect(Number.isInteger(db?.ageMs)).toBe(true);
    store.heal();
    await clock.advance(3 * 60_000);
    expect(secrets.health()).toMatchObject({ status: "ok", providers: [{ state: "open", failures: 0 }] });
  });

  test("is degraded when a store has confirmed nothing for several poll intervals, although nothing failed", async () => {
    const { secrets, clock } = client();
    await secrets.ready();
    await nextPoll({ clock });
    expect(secrets.health().status).toBe("ok");
    // Nothing that is due is run: as if the timers of this process were lost.
    clock.suspend(2 * pollMs);
    expect(secrets.health().status).toBe("ok");
    clock.suspend(2 * pollMs);
    expect(secrets.health()).toMatchObject({
      status: "degraded",
      secrets: [{ state: "stale", code: "UNAVAILABLE", reason: "unconfirmed" }, { state: "absent" }],
    });
    expect(await secrets.diagnose()).toContainEqual(expect.objectContaining({ code: "stale", reference: "db" }));
    expect(secrets.latest("db").reveal()).toBe("a longer secret value");
    await clock.advance(2 * pollMs);
    expect(secrets.health().status).toBe("ok");
  });

  test("is not degraded by a lease, which is renewed instead of polled", async () => {
    const { secrets, clock } = leasingClient(
      declareSecrets({ db: { ref: "creds/app", as: object(["username", "password"]) } }),
      {
        providers: { store: { use: "leasing", pollInterval: "1s" } },
      },
    );
    await secrets.ready();
    clock.suspend(50_000);
    expect(secrets.health()).toMatchObject({ status: "ok", secrets: [{ state: "live" }] });
    await secrets.close();
  });

  test.each([
    ["a denial", (store: ScriptedStore) => store.failPath("db", "PERMISSION_DENIED"), "denied", "PERMISSION_DENIED"],
    ["a deletion", (store: ScriptedStore) => store.remove("db"), "deleted", "NOT_FOUND"],
  ])("is degraded after %s whose value is kept", async (_what, happens, state, code) => {
    const { secrets, store, clock } = client();
    await secrets.ready();
    happens(store);
    await nextPoll({ clock });
    expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ state, code }, {}] });
  });

  test("is down when a required secret has nothing to serve, before and after the first load", async () => {
    const { secrets, store, clock } = client({ config: { cache: { maxStale: "1m" } } });
    store.failPath("db", "PERMISSION_DENIED");
    await secrets.ready().catch(() => undefined);
    expect(secrets.health()).toMatchObject({
      status: "down",
      secrets: [{ state: "down", code: "PERMISSION_DENIED" }, {}],
    });
    store.heal();
    await nextPoll({ clock });
    expect(secrets.health().status).toBe("ok");
    store.failPath("db", "UNAVAILABLE");
    await clock.advance(5 * 60_000);
    expect(secrets.health()).toMatchObject({ status: "down", secrets: [{ state: "down", reason: "stale" }, {}] });
  });

  test("is degraded, not down, when only an optional secret has nothing to serve", async () => {
    const { secrets, store, clock } = client({ config: { onDenied: "throw" } });
    await secrets.ready();
    store.failPath("maybe", "PERMISSION_DENIED");
    await nextPoll({ clock });
    expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ state: "live" }, { state: "down" }] });
    expect(() => secrets.latest("maybe")).toThrow(expect.objectContaining({ code: "PERMISSION_DENIED" }));
  });

  test("is not degraded by undeclared references that do not exist", async () => {
    const { secrets, store, clock } = client({ config: { cache: { ttl: "1m" } } });
    await secrets.ready();
    await secrets.getSecret("no/such").catch(() => undefined);
    store.set("gone", "x");
    await secrets.getSecret("gone");
    store.remove("gone");
    await clock.advance(2 * 60_000);
    await secrets.getSecret("gone").catch(() => undefined);
    expect(secrets.health().status).toBe("ok");
  });

  test("of a client without declarations is ok from the start", () => {
    expect(declaredClient(declareSecrets({})).secrets.health().status).toBe("ok");
  });

  test("is degraded while a fallback serves", async () => {
    const { secrets, first, second, clock } = twoStores();
    second.set("db", "from below");
    await secrets.ready();
    expect(secrets.health()).toMatchObject({ status: "degraded", secrets: [{ fallback: true, provider: "second" }] });
    first.set("db", "from above");
    await nextPoll({ clock });
    expect(secrets.health()).toMatchObject({ status: "ok", secrets: [{ fallback: false, provider: "first" }] });
  });

  test("contains no value", async () => {
    const { secrets } = client();
    await secrets.ready();
    secrets.latest("db").reveal();
    expect(JSON.stringify([secrets.health(), await secrets.diagnose()])).not.toContain("a longer secret value");
  });
});

describe("diagnose", () => {
  test("returns no finding for a healthy client", async () => {
    const { secrets } = client();
    await secrets.ready();
    expect(await secrets.diagnose()).toEqual([]);
  });

  test("starts the client by itself", async () => {
    const { secrets, store } = client();
    expect(await secrets.diagnose()).toEqual([]);
    expect(store.openings).toBe(1);
  });

  test.each<[string, (store: ScriptedStore) => void, Partial<Finding>]>([
    ["stale", (store) => store.failPath("db", "UNAVAILABLE"), { level: "warning", code: "stale", reference: "db" }],
    ["denied", (store) => store.failPath("db", "PERMISSION_DENIED"), { level: "warning", code: "denied" }],
    ["deleted", (store) => store.remove("db"), { level: "warning", code: "deleted" }],
  ])("says that a secret is %s", async (_state, happens, finding) => {
    const { secrets, store, clock } = client();
    await secrets.ready();
    happens(store);
    await nextPoll({ clock });
    expect(await secrets.diagnose()).toEqual([expect.objectContaining(finding)]);
  });

  test("says that a required secret has nothing to serve, and a fallback serves", async () => {
    const { secrets, store } = client();
    store.remove("db");
    await secrets.ready().catch(() => undefined);
    expect(await secrets.diagnose()).toEqual([
      expect.objectContaining({ level: "error", code: "down", reference: "db" }),
    ]);
    const chained = twoStores();
    chained.second.set("db", "from below");
    await chained.secrets.ready();
    expect(await chained.secrets.diagnose()).toEqual([expect.objectContaining({ code: "fallback", reference: "db" })]);
  });

  test("says by name that a declared value is too short to be masked", async () => {
    const { secrets, store } = client();
    store.set("db", "42");
    await secrets.ready();
    secrets.latest("db").reveal();
    expect(await secrets.diagnose()).toEqual([
      expect.objectContaining({ level: "warning", code: "unmasked", reference: "db" }),
    ]);
  });

  test("says that a provider cannot be opened, instead of failing", async () => {
    const { secrets, store } = client();
    store.openError = new SecretError("INVALID_CONFIG", "the SDK is not installed", { tip: "npm install it" });
    expect(await secrets.diagnose()).toContainEqual(
      expect.objectContaining({ level: "error", code: "invalid-config", provider: "store", tip: "npm install it" }),
    );
  });
});
