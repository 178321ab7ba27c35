import { describe, expect, test } from "vitest";
import { declareSecrets, object } from "../../src/index.ts";
import { declaredClient, pollMs } from "../declared-client.ts";
import { leasingClient } from "../leasing-client.ts";
import { advanceUntil, latest, scriptedClient, settledOf } from "../scripted-client.ts";
import { pair } from "../store-pair.ts";

const db = declareSecrets({ db: { ref: "db" } });

/** A client that holds "one" of a store whose answers take a second. */
async function slowClient(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(db, options);
  made.store.set("db", "one");
  await made.secrets.ready();
  made.store.latencyMs = 1_000;
  return made;
}

describe("a read after `invalidate` is answered by a call that began after it", () => {
  test("while the load of an earlier `invalidate` is in flight", async () => {
    const { secrets, store, clock } = await slowClient();
    secrets.invalidate("db");
    const earlier = settledOf(secrets.getSecret("db"));
    await clock.advance(100);
    store.set("db", "two");
    secrets.invalidate("db");
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
    expect(earlier.now.state).toBe("resolved");
  });

  test("while a poll is in flight", async () => {
    const { secrets, store, clock } = await slowClient();
    await clock.advance(pollMs / 2 + 100);
    expect(store.inFlight).toBe(1);
    store.set("db", "two");
    secrets.invalidate("db");
    await clock.advance(950);
    expect(store.inFlight).toBe(0);
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
  });

  test("while a pushed read is in flight", async () => {
    const { secrets, store, clock } = await slowClient({ supports: { subscribe: "local" } });
    store.hint("db");
    await clock.advance(100);
    expect(store.inFlight).toBe(1);
    store.set("db", "two");
    secrets.invalidate("db");
    await clock.advance(950);
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
  });

  test("while a `fresh` read is in flight", async () => {
    const { secrets, store, clock } = await slowClient();
    const fresh = settledOf(secrets.getSecret("db", { freshness: "fresh" }));
    await clock.advance(100);
    store.set("db", "two");
    secrets.invalidate("db");
    await clock.advance(950);
    expect(fresh.now.state).toBe("resolved");
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
  });

  test("while the `refresh` of a watch is in flight", async () => {
    const { secrets, store, clock } = await slowClient();
    const watch = secrets.watch("db");
    const refreshing = settledOf(watch.refresh());
    await clock.advance(100);
    store.set("db", "two");
    secrets.invalidate("db");
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
    expect(refreshing.now.state).not.toBe("pending");
  });

  test("while the first load is in flight", async () => {
    const { secrets, store, clock } = declaredClient(db);
    store.set("db", "one");
    store.latencyMs = 1_000;
    const ready = settledOf(secrets.ready());
    await clock.advance(100);
    expect(store.inFlight).toBe(1);
    store.set("db", "two");
    secrets.invalidate("db");
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
    expect(ready.now.state).toBe("resolved");
  });

  test("while the load of an undeclared reference is in flight", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}));
    store.set("free", "one");
    await secrets.getSecret("free");
    store.latencyMs = 1_000;
    secrets.invalidate("free");
    void secrets.getSecret("free");
    await clock.advance(100);
    store.set("free", "two");
    secrets.invalidate("free");
    expect((await advanceUntil(clock, secrets.getSecret("free"))).reveal()).toBe("two");
  });

  test("while the read after a sleep is in flight", async () => {
    const { secrets, store, clock } = await slowClient();
    clock.suspend(3_600_000);
    const before = store.reads.length;
    for (let n = 0; n < 300 && store.inFlight === 0; n += 1) await clock.advance(100);
    expect(store.reads.length).toBeGreaterThan(before);
    store.set("db", "two");
    secrets.invalidate("db");
    await clock.advance(1_000);
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
  });

  test("while `accept` decides about an older answer", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const declared = declareSecrets({
      db: { ref: "db", accept: (next) => next.reveal() !== "two" || verdict.promise },
    });
    const { secrets, store, clock } = declaredClient(declared, { supports: { subscribe: "local" } });
    store.set("db", "one");
    await secrets.ready();
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    store.set("db", "three");
    secrets.invalidate("db");
    verdict.resolve(true);
    await clock.flush();
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("three");
  });

  test("where a listener of the change itself invalidates", async () => {
    const { secrets, store, clock } = declaredClient(db, { supports: { subscribe: "local" } });
    store.set("db", "one");
    await secrets.ready();
    secrets.watch("db").on("change", () => secrets.invalidate("db"));
    await clock.flush();
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    store.set("db", "three");
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("three");
  });

  test("for every alias of the name, while one reading for both is in flight", async () => {
    const declared = declareSecrets({ user: { ref: "pair#user" }, pass: { ref: "pair#pass" } });
    const { secrets, store, clock } = declaredClient(declared);
    store.set("pair", { user: "u1", pass: "p1" });
    await secrets.ready();
    store.latencyMs = 1_000;
    await clock.advance(pollMs / 2 + 100);
    store.set("pair", { user: "u2", pass: "p2" });
    secrets.invalidate("pair");
    await clock.advance(950);
    const reading = Promise.all([secrets.getSecret("user"), secrets.getSecret("pass")]);
    expect((await advanceUntil(clock, reading)).map((secret) => secret.reveal())).toEqual(["u2", "p2"]);
  });
});

describe("a read after `invalidate` of a chain", () => {
  test("is not answered by the poll of its source that was in flight", async () => {
    const { secrets, a, clock } = pair(["UNAVAILABLE"], { declare: db });
    a.set("db", "one");
    await secrets.ready();
    a.latencyMs = 1_000;
    await clock.advance(pollMs / 2 + 100);
    expect(a.inFlight).toBe(1);
    a.set("db", "two");
    secrets.invalidate("db");
    await clock.advance(950);
    await advanceUntil(clock, secrets.getSecret("db"));
    expect(latest(secrets, "db")).toBe("two");
  });

  test("is not answered by a walk that was under way", async () => {
    const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare: db });
    a.fail("UNAVAILABLE");
    b.set("db", "one");
    b.latencyMs = 1_000;
    const ready = settledOf(secrets.ready());
    for (let n = 0; n < 100 && b.inFlight === 0; n += 1) await clock.advance(10);
    expect(b.inFlight).toBe(1);
    b.set("db", "two");
    secrets.invalidate("db");
    const read = await advanceUntil(clock, secrets.getSecret("db"));
    expect(read.reveal()).toBe("two");
    expect(ready.now.state).toBe("resolved");
  });

  test("is not answered by the late answer of a better source", async () => {
    const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare: db });
    a.set("db", "a-one");
    a.latencyMs = 8_000;
    b.set("db", "b-one");
    await advanceUntil(clock, secrets.ready());
    expect(a.inFlight).toBe(1);
    a.set("db", "a-two");
    secrets.invalidate("db");
    await clock.advance(4_500);
    a.latencyMs = 0;
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("a-two");
  });
});

describe("a read after `invalidate` of a composed secret", () => {
  const bindings = {
    login: { fields: { user: { provider: "a", path: "u" }, pass: { provider: "b", path: "p" } } },
  };
  const declare = declareSecrets({ login: { ref: "login", as: object(["user", "pass"]) } });

  test("asks all its parts anew, whatever was in flight", async () => {
    const { secrets, stores, clock } = scriptedClient({
      stores: ["a", "b"],
      declare,
      config: { bindings, routes: [] },
    });
    const { a, b } = stores;
    a?.set("u", "user-1");
    b?.set("p", "pass-1");
    await secrets.ready();
    for (const store of Object.values(stores)) store.latencyMs = 1_000;
    for (let n = 0; n < 1_000 && a?.inFlight === 0; n += 1) await clock.advance(100);
    expect(a?.inFlight).toBe(1);
    a?.set("u", "user-2");
    b?.set("p", "pass-2");
    secrets.invalidate("login");
    await clock.advance(1_000);
    const read = await advanceUntil(clock, secrets.getSecret("login" as never));
    expect((read as { reveal(): unknown }).reveal()).toEqual({ user: "user-2", pass: "pass-2" });
  });
});

describe("a read after `invalidate` of a lease", () => {
  const declared = declareSecrets({ c: { ref: "creds/x", as: object(["username", "password"]) } });

  test("is not answered by a renewal that was due meanwhile", async () => {
    const { secrets, store, clock, eventsOf } = leasingClient(declared);
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("c");
    for (let n = 0; n < 600 && eventsOf("lease-renewed").length === 0; n += 1) await clock.advance(100);
    expect(eventsOf("lease-renewed")).toHaveLength(1);
    const read = await advanceUntil(clock, secrets.getSecret("c"));
    expect(read.reveal().password).toBe("password-2");
    expect(store.issued).toHaveLength(2);
  });

  test("is answered once: the reads that follow ask for no further credential", async () => {
    const { secrets, store, clock } = leasingClient(declared);
    await secrets.ready();
    await clock.advance(15_000);
    secrets.invalidate("c");
    await advanceUntil(clock, secrets.getSecret("c"));
    for (let n = 0; n < 5; n += 1) {
      await clock.advance(11_000);
      await advanceUntil(clock, secrets.getSecret("c"));
    }
    expect(store.issued).toHaveLength(2);
  });
});

describe("an answer to `invalidate`", () => {
  test("is one call, however many reads wait for it", async () => {
    const { secrets, store, clock } = await slowClient();
    const before = store.reads.length;
    secrets.invalidate("db");
    secrets.invalidate("db");
    const reading = Promise.all([secrets.getSecret("db"), secrets.getSecret("db"), secrets.getSecret("db")]);
    await advanceUntil(clock, reading);
    expect(store.reads.length - before).toBe(1);
    await secrets.getSecret("db");
    expect(store.reads.length - before).toBe(1);
  });

  test("is also a pushed read that began after it", async () => {
    const { secrets, store, clock } = await slowClient({ supports: { subscribe: "local" } });
    store.latencyMs = 0;
    secrets.invalidate("db");
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    const before = store.reads.length;
    expect((await secrets.getSecret("db")).reveal()).toBe("two");
    expect(store.reads.length).toBe(before);
  });

  test("may be a failure: the last good value is served, and the reads after it do not ask again", async () => {
    const { secrets, store, clock } = await slowClient();
    store.fail("PERMISSION_DENIED");
    secrets.invalidate("db");
    const before = store.reads.length;
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("one");
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    expect(store.reads.length - before).toBe(1);
  });

  test("is not a failure of a call that began before it", async () => {
    const { secrets, store, clock } = await slowClient();
    store.fail("INTERNAL");
    await clock.advance(pollMs / 2 + 100);
    expect(store.inFlight).toBe(1);
    store.heal();
    store.set("db", "two");
    secrets.invalidate("db");
    await clock.advance(950);
    expect((await advanceUntil(clock, secrets.getSecret("db"))).reveal()).toBe("two");
  });
});

describe("invalidate by name", () => {
  test("reaches the reference that an alias of the same name shadows", async () => {
    const declared = declareSecrets({ pair: { ref: "pair#user" }, pass: { ref: "pair#pass" }, other: { ref: "db" } });
    const { secrets, store } = declaredClient(declared);
    store.set("pair", { user: "u1", pass: "p1" });
    store.set("db", "one");
    await secrets.ready();
    store.set("pair", { user: "u2", pass: "p2" });
    secrets.invalidate({ name: "pair" });
    expect((await secrets.getSecret("pass")).reveal()).toBe("p2");
    expect((await secrets.getSecret("pair")).reveal()).toBe("u2");
  });

  test("takes no alias for it: an alias that is no name of a secret reaches nothing", async () => {
    const declared = declareSecrets({ alias: { ref: "db" } });
    const { secrets, store } = declaredClient(declared);
    store.set("db", "one");
    await secrets.ready();
    const before = store.reads.length;
    secrets.invalidate({ name: "alias" });
    await secrets.getSecret("alias");
    expect(store.reads.length).toBe(before);
    secrets.invalidate({ name: "db" });
    await secrets.getSecret("alias");
    expect(store.reads.length).toBe(before + 1);
  });

  test("refuses what is no name", () => {
    const { secrets } = declaredClient(db);
    expect(() => secrets.invalidate({ name: "../x" })).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});
