import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { bytes } from "../decode/bytes.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";

const db = declareSecrets({ db: { ref: "db" } });

/** A client whose one secret holds "one", and what its watch tells. */
async function watched(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(db, options);
  made.store.set("db", "one");
  const watch = made.secrets.watch("db");
  const told: string[] = [];
  watch.on("change", ({ current, reason }) => told.push(`${reason} ${current.reveal()}`));
  watch.on("error", ({ code }) => told.push(code));
  watch.on("delete", () => told.push("deleted"));
  await watch.ready;
  return { ...made, watch, told };
}

describe("promise 10: failures emit when they begin and when they change", () => {
  test("the first failure and every change of code emit at once; repeats only count", async () => {
    const { store, clock, told, eventsOf } = await watched();
    store.fail("UNAVAILABLE");
    await clock.advance(10 * pollMs);
    expect(told).toEqual(["UNAVAILABLE"]);
    store.fail("PERMISSION_DENIED");
    await clock.advance(10 * pollMs);
    expect(told).toEqual(["UNAVAILABLE", "PERMISSION_DENIED"]);
    store.fail("UNAVAILABLE");
    await clock.advance(10 * pollMs);
    expect(told).toEqual(["UNAVAILABLE", "PERMISSION_DENIED", "UNAVAILABLE"]);
    expect(eventsOf("error")).toHaveLength(3);
    store.heal();
    await nextPoll({ clock });
    const [recovered] = eventsOf("recovered");
    expect(recovered?.failures).toBeGreaterThan(20);
  });

  test("the failure of a first load is reported too, also a secret that does not exist", async () => {
    const { secrets, store, clock, eventsOf } = declaredClient(db);
    const watch = secrets.watch("db");
    const codes: string[] = [];
    watch.on("error", ({ code }) => codes.push(code));
    await clock.advance(5 * pollMs);
    expect(codes).toEqual(["NOT_FOUND"]);
    store.fail("PERMISSION_DENIED");
    await clock.advance(5 * pollMs);
    expect(codes).toEqual(["NOT_FOUND", "PERMISSION_DENIED"]);
    expect(eventsOf("error").map(({ code }) => code)).toEqual(codes);
    expect(eventsOf("delete")).toEqual([]);
  });

  test.each([
    ["one", []],
    ["two", ["rotated two"]],
  ])("recovery with %s emits a change only if the content changed", async (value, changes) => {
    const { store, clock, watch, told } = await watched();
    store.fail("UNAVAILABLE");
    await nextPoll({ clock });
    store.heal();
    store.set("db", value);
    await nextPoll({ clock });
    expect(told).toEqual(["UNAVAILABLE", ...changes]);
    expect(watch.state).toBe("live");
    expect(watch.lastError).toBeUndefined();
  });
});

describe("promise 11: deleted means definitively deleted", () => {
  test("it is reported once, and a return is reported as recreated, even with equal bytes", async () => {
    const { store, clock, watch, told } = await watched();
    store.remove("db");
    await clock.advance(5 * pollMs);
    expect(told).toEqual(["deleted"]);
    expect(watch.state).toBe("deleted");
    expect(watch.latest.reveal()).toBe("one");
    store.set("db", "one");
    await nextPoll({ clock });
    expect(told).toEqual(["deleted", "recreated one"]);
    expect(watch.state).toBe("live");
    store.remove("db");
    await nextPoll({ clock });
    store.set("db", "two");
    await nextPoll({ clock });
    expect(told).toEqual(["deleted", "recreated one", "deleted", "recreated two"]);
  });

  test("a not-found that may be a denial is an error, not a deletion", async () => {
    const { store, clock, watch, told, eventsOf } = await watched();
    store.script = () => ({ status: "not-found", definitive: false });
    await clock.advance(5 * pollMs);
    expect(told).toEqual(["NOT_FOUND"]);
    expect(watch.state).toBe("stale");
    expect(eventsOf("delete")).toEqual([]);
  });
});

describe("promise 12: a hint is never lost", () => {
  test("hints during a read cause exactly one more read", async () => {
    const { store, clock, watch } = await watched({ supports: { subscribe: "local" } });
    const before = store.reads.length;
    store.latencyMs = 2_000;
    store.hint("db");
    await clock.advance(500);
    store.set("db", "two");
    for (let n = 0; n < 100; n += 1) store.hint("db");
    await clock.advance(10_000);
    expect(store.reads.length - before).toBe(2);
    expect(watch.latest.reveal()).toBe("two");
  });

  test("a local subscription is active before the first read", async () => {
    const { secrets, store } = declaredClient(db, { supports: { subscribe: "local" } });
    store.set("db", "one");
    const subscribedAtRead: number[] = [];
    store.script = () => void subscribedAtRead.push(store.subscribings);
    await secrets.ready();
    expect(subscribedAtRead).toEqual([1]);
  });

  test("a remote one does not delay the first read; one more read follows when it is active", async () => {
    const { secrets, store, clock } = declaredClient(db, { supports: { subscribe: "remote" } });
    store.set("db", "one");
    store.subscribeLatencyMs = 3_000;
    await secrets.ready();
    expect(store.reads).toHaveLength(1);
    store.set("db", "two");
    await clock.advance(2_900);
    expect(store.reads).toHaveLength(1);
    await clock.advance(1_200);
    expect(store.reads).toHaveLength(2);
    expect(secrets.latest("db").reveal()).toBe("two");
  });
});

describe("promise 13: push is an optimisation", () => {
  test("the poll runs beneath it", async () => {
    const { store, clock, told } = await watched({ supports: { subscribe: "local" } });
    store.set("db", "two");
    await nextPoll({ clock });
    expect(told).toEqual(["rotated two"]);
  });

  test("losing push degrades to polling, visibly in health", async () => {
    const { secrets, store, clock, eventsOf } = declaredClient(db, { supports: { subscribe: "local" } });
    store.set("db", "one");
    store.subscribeError = new SecretError("UNAVAILABLE", "no push today");
    await secrets.ready();
    expect(secrets.health()).toMatchObject({ status: "degraded", providers: [{ changes: "poll", degraded: true }] });
    expect(eventsOf("provider-degraded")).toEqual([expect.objectContaining({ provider: "store" })]);
    store.set("db", "two");
    await nextPoll({ clock });
    expect(secrets.latest("db").reveal()).toBe("two");
    store.subscribeError = undefined;
    await nextPoll({ clock });
    expect(secrets.health()).toMatchObject({ status: "ok", providers: [{ changes: "push", degraded: false }] });
  });
});

test("promise 14: one subscription per physical secret, stopped by the last close", async () => {
  const { secrets, store, clock } = declaredClient(declareSecrets({}), { supports: { subscribe: "remote" } });
  store.set("db", { user: "u", password: "p" });
  const watches = [
    secrets.watch("db#user"),
    secrets.watch("db#user"),
    secrets.watch("db#password", bytes()),
    secrets.watch("db", object(["user"])),
  ];
  await Promise.all(watches.map((watch) => watch.ready));
  expect(store.subscribings).toBe(1);
  expect(store.hints.get("db")?.size).toBe(1);
  for (const watch of watches) {
    expect(store.hints.get("db")?.size).toBe(1);
    await watch.close();
    await clock.flush();
  }
  expect(store.hints.get("db")?.size).toBe(0);
  const reads = store.reads.length;
  await clock.advance(5 * pollMs);
  expect(store.reads).toHaveLength(reads);
});

describe("promise 15: unsubscribing is final", () => {
  test("after it returns, the listener is not called, although a change waits for it", async () => {
    const { store, clock, watch } = await watched();
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = watch.on("change", ({ current }) => {
      seen.push(current.reveal());
      return promise;
    });
    const stopInitial = watch.on("change", () => seen.push("initial"), { initial: true });
    stopInitial();
    for (const value of ["two", "three"]) {
      store.set("db", value);
      await nextPoll({ clock });
    }
    stop();
    resolve();
    await clock.flush();
    expect(seen).toEqual(["two"]);
  });

  test.each(["close", "abort", "client"] as const)("`for await` ends cleanly on %s", async (how) => {
    const { secrets, store, clock } = declaredClient(db);
    store.set("db", "one");
    const ending = new AbortController();
    const watch = secrets.watch("db", { signal: ending.signal });
    const seen: string[] = [];
    const loop = (async () => {
      for await (const { current } of watch) seen.push(current.reveal());
      return "ended";
    })();
    await watch.ready;
    await clock.flush();
    if (how === "close") await watch.close();
    else if (how === "abort") ending.abort();
    else await secrets.close();
    expect(await loop).toBe("ended");
    expect(seen).toEqual(["one"]);
    expect(watch.state).toBe("closed");
  });

  test("leaving the loop ends its iterator alone", async () => {
    const { store, clock, watch, told } = await watched();
    for await (const { current } of watch) {
      expect(current.reveal()).toBe("one");
      break;
    }
    store.set("db", "two");
    await nextPoll({ clock });
    expect(told).toEqual(["rotated two"]);
  });
});

test("promise 16: the first poll falls anywhere in the interval, differently per process", async () => {
  const at = async (random: number): Promise<number> => {
    const { store, clock } = await watched({ random: () => random });
    await clock.advance(3 * pollMs);
    return (store.reads[1]?.at ?? 0) / pollMs;
  };
  expect(await at(0.1)).toBeCloseTo(0.1, 1);
  expect(await at(0.5)).toBeCloseTo(0.5, 1);
  expect(await at(0.9)).toBeCloseTo(0.9, 1);
});

test("promise 17: after close no handle remains", async () => {
  const { secrets, store, clock, watch } = await watched({ supports: { subscribe: "remote" } });
  const pending = settledOf(watch[Symbol.asyncIterator]().next());
  secrets.derive("db", { open: () => "resource" });
  await secrets.ready();
  expect(clock.armed).toBeGreaterThan(0);
  await secrets.close();
  await clock.flush();
  expect(clock.armed).toBe(0);
  expect(store.hints.get("db")?.size).toBe(0);
  expect(store.closings).toBe(1);
  expect(pending.now.state).toBe("resolved");
  const reads = store.reads.length;
  store.hint("db");
  await clock.advance(10 * pollMs);
  expect(store.reads).toHaveLength(reads);
});

test("promise 18: a read is pulled forward to a safe margin before expiry", async () => {
  const { secrets, store, clock } = declaredClient(db);
  const end = clock.now() + 30_000;
  store.set("db", "one", { expiresAt: new Date(end) });
  await secrets.ready();
  store.set("db", "two", { expiresAt: new Date(end + 30_000) });
  await clock.advance(25_000);
  expect(secrets.latest("db").reveal()).toBe("two");
  await clock.advance(6_000);
  expect(secrets.latest("db").reveal()).toBe("two");
});
