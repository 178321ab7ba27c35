import { describe, expect, test } from "vitest";
import { advanceUntil, latest, scriptedClient } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { SecretError, type SecretErrorOptions } from "../error/secret-error.ts";

const minute = 60_000;
const declare = declareSecrets({ db: { ref: "db" } });

describe("opening", () => {
  test("happens once, however many secrets are read through it", async () => {
    const { secrets, store } = scriptedClient({ stores: ["a"] });
    for (const name of ["x", "y", "z"]) store.set(name, name);
    await Promise.all(["x", "y", "z"].map((name) => secrets.getSecret(name)));
    expect(store.openings).toBe(1);
  });

  test("that fails is a problem of ready(), once, and may be tried again", async () => {
    const { secrets, store, clock } = scriptedClient({
      stores: ["a"],
      declare: declareSecrets({ one: { ref: "one" }, two: { ref: "two" } }),
    });
    store.openError = new SecretError("INVALID_CONFIG", "its SDK is not installed");
    const error = (await secrets.ready().catch((thrown) => thrown)) as SecretError;
    expect(error.errors).toMatchObject([{ code: "INVALID_CONFIG", provider: "a" }]);
    store.openError = undefined;
    for (const name of ["one", "two"]) store.set(name, name);
    await advanceUntil(clock, secrets.ready());
    expect(latest(secrets, "one")).toBe("one");
  });

  test("of an optional provider that fails is an event, not a failed start", async () => {
    const { secrets, stores, eventsOf } = scriptedClient({
      stores: ["a", "dr"],
      config: { routes: [{ match: "**", to: ["a", "dr"] }] },
      providerOptions: { dr: { optional: true } },
      declare,
    });
    const { a, dr } = stores;
    if (a === undefined || dr === undefined) throw new Error("two stores are made");
    dr.openError = new SecretError("UNAVAILABLE", "no route");
    a.set("db", "one");
    await secrets.ready();
    expect(eventsOf("provider-degraded")).toMatchObject([{ provider: "dr", code: "UNAVAILABLE" }]);
  });

  test("of a fallback that fails fails the start: it must not surface during an outage", async () => {
    const { secrets, stores } = scriptedClient({
      stores: ["a", "dr"],
      config: { routes: [{ match: "**", to: ["a", "dr"] }] },
      declare,
    });
    stores.a?.set("db", "one");
    if (stores.dr !== undefined) stores.dr.openError = new SecretError("INVALID_CONFIG", "its SDK is not installed");
    const error = (await secrets.ready().catch((thrown) => thrown)) as SecretError;
    expect(error.errors).toMatchObject([{ code: "INVALID_CONFIG", provider: "dr" }]);
  });

  test("passes the adapter only its own options, and a host with the client's clock", async () => {
    const { secrets, store, clock } = scriptedClient({
      stores: ["a"],
      providerOptions: { a: { prefix: "p", pollInterval: "1m", optional: true } },
    });
    store.set("p/db", "one");
    await secrets.getSecret("db");
    expect(store.options).toEqual({ prefix: "p" });
    expect(store.host?.name).toBe("a");
    expect(store.host?.clock.monotonic()).toBe(clock.monotonic());
  });
});

describe("a host", () => {
  test("warns once per code, redacted, in an event and in health", async () => {
    const { secrets, store, eventsOf } = scriptedClient({ stores: ["a"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    store.host?.protect("t0ken-fixture-0123", "token");
    for (let time = 0; time < 3; time += 1) store.host?.warn("odd", "mind t0ken-fixture-0123");
    expect(eventsOf("provider-degraded")).toEqual([
      { type: "provider-degraded", provider: "a", code: "odd", tip: "mind [REDACTED:token]" },
    ]);
    expect(secrets.health().providers[0]?.warnings).toEqual(["odd"]);
  });

  test.each([
    [undefined, false],
    [{ degrades: false }, false],
    [{ degrades: true }, true],
  ])("that warns with %o is degraded: %s", async (options, degraded) => {
    const { secrets, store } = scriptedClient({ stores: ["a"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    store.host?.warn("odd", "mind it", options);
    const status = degraded ? "degraded" : "ok";
    expect(secrets.health()).toMatchObject({ status, providers: [{ degraded, warnings: ["odd"] }] });
  });

  test("keeps at most a hundred warnings, whatever their codes", async () => {
    const { secrets, store, eventsOf } = scriptedClient({ stores: ["a"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    for (let request = 0; request < 1_000; request += 1) store.host?.warn(`odd-${request}`, "mind it");
    expect([eventsOf("provider-degraded").length, secrets.health().providers[0]?.warnings.length]).toEqual([100, 100]);
  });

  test("masks a token that is protected after the client has closed, but keeps it no longer than a replaced one", async () => {
    const { secrets, store } = scriptedClient({ stores: ["a"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    await secrets.close();
    const before = secrets.redactor.stats();
    store.host?.protect("t0ken-fixture-late", "token");
    expect(secrets.redactor.redact("t0ken-fixture-late")).toBe("[REDACTED:token]");
    expect(secrets.redactor.stats()).toMatchObject({ values: before.values, retired: before.retired + 1 });
  });

  test("protects a provider's newest token and releases the one before it", async () => {
    const { secrets, store } = scriptedClient({ stores: ["a"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    store.host?.protect("t0ken-fixture-one1", "token");
    store.host?.protect("t0ken-fixture-two2", "token");
    expect(secrets.redactor.redact("t0ken-fixture-two2")).toBe("[REDACTED:token]");
    await secrets.close();
  });
});

describe("a store with broken paths", () => {
  const aliases = ["a", "b", "c", "d"] as const;
  const declareAll = declareSecrets(Object.fromEntries(aliases.map((alias) => [alias, { ref: alias }])));

  test.each<[string, SecretErrorOptions]>([
    ["of which the adapter says so", { scope: "path" }],
    ["that fail as if the store did", {}],
  ])("%s serves the others, and sees them change", async (_which, options) => {
    const { secrets, store, clock } = scriptedClient({ stores: ["mount"], declare: declareAll });
    for (const alias of aliases) store.set(alias, "one");
    await advanceUntil(clock, secrets.ready());
    for (const alias of ["a", "b", "c"]) store.failPath(alias, "UNAVAILABLE", options);
    for (const value of ["two", "three", "four"]) {
      await clock.advance(10 * minute);
      store.set("d", value);
      await clock.advance(1.5 * minute);
      expect(latest(secrets, "d")).toBe(value);
    }
    expect(secrets.health().providers[0]).toMatchObject(options.scope === "path" ? { state: "open" } : {});
  });
});

describe("a subscription", () => {
  const kept = (subscribe: "local" | "remote", declared: Parameters<typeof scriptedClient>[0]["declare"] = declare) => {
    const client = scriptedClient({ stores: ["a"], declare: declared });
    client.store.supports = { ...client.store.supports, subscribe };
    client.store.set("db", { username: "u", password: "p" });
    return client;
  };

  test("is one for all views of one physical secret; closing ends it", async () => {
    const declared = declareSecrets({ user: { ref: "db#username" }, password: { ref: "db#password" } });
    const { secrets, clock, store } = kept("local", declared);
    await secrets.ready();
    const watch = secrets.watch("db#username");
    await watch.ready;
    await clock.advance(10 * minute);
    expect([store.subscribings, store.hints.get("db")?.size]).toEqual([1, 1]);
    await secrets.close();
    expect([store.hints.get("db")?.size, clock.armed]).toEqual([0, 0]);
  });

  test("of a local store precedes the first read; a remote one does not delay it and causes one more read", async () => {
    for (const [subscribe, reads] of [
      ["local", 1],
      ["remote", 2],
    ] as const) {
      const client = kept(subscribe, declareSecrets({ db: { ref: "db#username" } }));
      await client.secrets.ready();
      await client.clock.advance(1_500);
      expect([subscribe, client.store.reads.length]).toEqual([subscribe, reads]);
    }
  });

  test("that fails degrades to polling, visibly, once, and is tried again with each read", async () => {
    const { secrets, clock, store, eventsOf } = kept("local", declareSecrets({ db: { ref: "db#username" } }));
    store.subscribeError = new SecretError("UNAVAILABLE", "no watches left");
    await secrets.ready();
    await clock.advance(5 * minute);
    expect(eventsOf("provider-degraded")).toMatchObject([{ provider: "a", code: "push-lost" }]);
    expect(secrets.health().providers[0]).toMatchObject({ changes: "poll", degraded: true });
    store.set("db", { username: "new" });
    await clock.advance(2 * minute);
    expect(latest(secrets, "db")).toBe("new");
    store.subscribeError = undefined;
    await clock.advance(2 * minute);
    expect(secrets.health().providers[0]).toMatchObject({ changes: "push", degraded: false });
  });

  test("of an undeclared watch ends with its last close", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["a"] });
    store.supports = { ...store.supports, subscribe: "remote" };
    store.set("db", "one");
    const [first, second] = [secrets.watch("db"), secrets.watch("db")];
    await Promise.all([first.ready, second.ready]);
    await first.close();
    expect(store.hints.get("db")?.size).toBe(1);
    await second.close();
    await clock.flush();
    expect(store.hints.get("db")?.size).toBe(0);
    const from = store.reads.length;
    await clock.advance(30 * minute);
    expect(store.reads).toHaveLength(from);
  });

  test("that becomes active only after the client has closed is ended too", async () => {
    const { secrets, clock, store } = kept("local", declareSecrets({ db: { ref: "db#username" } }));
    const adapter = store.adapter();
    let disposed = 0;
    const late = Promise.withResolvers<void>();
    const slow = {
      ...adapter,
      open: async (...parameters: Parameters<typeof adapter.open>) => ({
        ...(await adapter.open(...parameters)),
        subscribe: async () => {
          await late.promise;
          return {
            [Symbol.asyncDispose]: async () => {
              disposed += 1;
            },
          };
        },
      }),
    };
    await secrets.close();
    const { createSecrets } = await import("../client/secrets.ts");
    const client = createSecrets({
      declare,
      adapters: { slow },
      config: { providers: { a: { use: "slow" } }, routes: [{ match: "**", to: ["a"] }] },
      clock,
    });
    const ready = client.ready().catch(() => undefined);
    await clock.advance(1_000);
    await client.close();
    await ready;
    late.resolve();
    await clock.flush();
    expect(disposed).toBe(1);
  });
});
