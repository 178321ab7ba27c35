import { describe, expect, test } from "vitest";
import { advanceUntil, latest, scriptedClient, settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";

const minute = 60_000;
const day = 86_400_000;

describe("an undeclared reference", () => {
  test("is served for its ttl without a call, then read once more by all who ask together", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    await clock.advance(5 * minute - 1_000);
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    expect(store.reads).toHaveLength(1);
    store.set("db", "two");
    await clock.advance(2_000);
    const values = await Promise.all(Array.from({ length: 100 }, () => secrets.getSecret("db")));
    expect(new Set(values.map((value) => value.reveal()))).toEqual(new Set(["two"]));
    expect(store.reads).toHaveLength(2);
  });

  test.each([
    [0, 4.5],
    [0.999_999, 5.5],
  ])("has a ttl that differs by process: %d gives %d minutes", async (random, minutes) => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], random: () => random });
    store.set("db", "one");
    await secrets.getSecret("db");
    await clock.advance(minutes * minute - 1_000);
    await secrets.getSecret("db");
    expect(store.reads).toHaveLength(1);
    await clock.advance(2_000);
    await secrets.getSecret("db");
    expect(store.reads).toHaveLength(2);
  });

  test("whose ttl is cut short by its expiry is read again after it", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "one", { expiresAt: new Date(clock.now() + minute) });
    await secrets.getSecret("db");
    store.set("db", "two");
    await clock.advance(minute);
    expect((await secrets.getSecret("db")).reveal()).toBe("two");
  });

  test("is not subscribed where that holds a connection, and is where it is local", async () => {
    for (const [subscribe, expected] of [
      ["remote", 0],
      ["local", 1],
    ] as const) {
      const { secrets, store } = scriptedClient({ stores: ["vault"] });
      store.supports = { ...store.supports, subscribe };
      store.set("db", "one");
      await secrets.getSecret("db");
      expect(store.hints.get("db")?.size ?? 0).toBe(expected);
      await secrets.close();
    }
  });

  test("that does not exist is remembered for 10 s", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    const get = () => secrets.getSecret("db").catch((error) => error);
    expect(await get()).toMatchObject({ code: "NOT_FOUND", definitive: true });
    await clock.advance(9_000);
    await get();
    expect(store.reads).toHaveLength(1);
    store.set("db", "created");
    await clock.advance(1_500);
    expect((await secrets.getSecret("db")).reveal()).toBe("created");
  });

  test("that does not exist in any store of its chain is remembered for 10 s in each", async () => {
    const { secrets, clock, stores } = scriptedClient({
      stores: ["a", "b"],
      config: { routes: [{ match: "**", to: ["a", "b"], fallbackOn: ["NOT_FOUND"] }] },
    });
    for (let second = 0; second < 9; second += 1) {
      await secrets.getSecret("db").catch(() => undefined);
      await clock.advance(1_000);
    }
    expect([stores.a?.reads.length, stores.b?.reads.length]).toEqual([1, 1]);
  });
});

describe("concurrency", () => {
  test("1,000 concurrent cold reads are one call", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.latencyMs = 20;
    store.set("db", "one");
    const values = await advanceUntil(clock, Promise.all(Array.from({ length: 1_000 }, () => secrets.getSecret("db"))));
    expect(store.reads).toHaveLength(1);
    expect(new Set(values).size).toBe(1);
  });

  test("1,000 concurrent reads of 100 names are 100 calls, at most 16 at once", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.latencyMs = 20;
    for (let id = 0; id < 100; id += 1) store.set(`svc/${id}`, `value ${id}`);
    const names = Array.from({ length: 1_000 }, (_, id) => `svc/${id % 100}`);
    await advanceUntil(clock, Promise.all(names.map((name) => secrets.getSecret(name))));
    expect(store.reads).toHaveLength(100);
    expect(store.mostInFlight).toBe(16);
  });

  test("two references and two decoders of one path share one call", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.latencyMs = 20;
    store.set("db", { username: "u", password: "p" });
    const both = Promise.all([secrets.getSecret("db#username"), secrets.getSecret("db#password")]);
    expect((await advanceUntil(clock, both)).map((one) => one.reveal())).toEqual(["u", "p"]);
    expect(store.reads).toHaveLength(1);
  });

  test("an abort detaches only its caller", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.latencyMs = 50;
    store.set("db", "one");
    const leaving = new AbortController();
    const left = settledOf(secrets.getSecret("db", { signal: leaving.signal }));
    const stays = secrets.getSecret("db");
    await clock.advance(10);
    leaving.abort("no longer wanted");
    expect((await advanceUntil(clock, stays)).reveal()).toBe("one");
    expect(left.now).toEqual({ state: "rejected", error: "no longer wanted" });
    expect(store.reads).toHaveLength(1);
  });

  test("of 100 secrets that expire in one millisecond, reads never wait for more than one refresh each", async () => {
    const names = Array.from({ length: 100 }, (_, id) => `svc/${id}`);
    const declare = declareSecrets(Object.fromEntries(names.map((ref, id) => [`s${id}`, { ref }])));
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare });
    const expiresAt = new Date(clock.now() + 10 * minute);
    for (const name of names) store.set(name, "old", { expiresAt });
    await secrets.ready();
    store.latencyMs = 20;
    for (const name of names) store.set(name, "new");
    await clock.advance(11 * minute);
    for (const [id] of names.entries()) expect(latest(secrets, `s${id}`)).toBe("new");
    expect(store.mostInFlight).toBeLessThanOrEqual(16);
  });
});

describe("fresh", () => {
  test("never joins a read that began before it", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "old");
    await secrets.getSecret("db");
    store.latencyMs = 100;
    secrets.invalidate("db");
    const running = secrets.getSecret("db");
    await clock.advance(50);
    store.set("db", "new");
    const fresh = secrets.getSecret("db", { freshness: "fresh" });
    expect((await advanceUntil(clock, fresh)).reveal()).toBe("new");
    await running;
    expect(store.reads).toHaveLength(3);
  });

  test("is one call for all who ask while it waits", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "old");
    store.latencyMs = 100;
    const cold = secrets.getSecret("db");
    await clock.advance(50);
    const all = Promise.all(Array.from({ length: 50 }, () => secrets.getSecret("db", { freshness: "fresh" })));
    await advanceUntil(clock, all);
    await cold;
    expect(store.reads).toHaveLength(2);
  });

  test("throws where it fails although a last good value is served", async () => {
    const { secrets, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "good");
    await secrets.getSecret("db");
    store.fail("UNAVAILABLE");
    await expect(secrets.getSecret("db", { freshness: "fresh" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect((await secrets.getSecret("db")).reveal()).toBe("good");
  });

  test("does not bypass an unavailable provider: it rejects with that provider's error and the remaining time", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "good");
    await secrets.getSecret("db");
    store.fail("THROTTLED", { retryAfterMs: 30_000 });
    await secrets.getSecret("db", { freshness: "fresh" }).catch(() => undefined);
    await clock.advance(10_000);
    const error = await secrets.getSecret("db", { freshness: "fresh" }).catch((thrown) => thrown);
    expect(error.code).toBe("THROTTLED");
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(20_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(27_500);
    expect(store.reads).toHaveLength(2);
  });
});

describe("invalidate", () => {
  test("makes the next read await one new call, whose failure serves the last good value", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "one");
    await secrets.getSecret("db");
    store.set("db", "two");
    secrets.invalidate("db");
    const values = await Promise.all([secrets.getSecret("db"), secrets.getSecret("db")]);
    expect(values.map((value) => value.reveal())).toEqual(["two", "two"]);
    expect(store.reads).toHaveLength(2);
    store.fail("UNAVAILABLE");
    secrets.invalidate("db");
    expect((await secrets.getSecret("db")).reveal()).toBe("two");
    await clock.flush();
    expect(store.reads).toHaveLength(3);
  });
});

describe("a refreshed secret", () => {
  const declare = declareSecrets({ db: { ref: "db" } });

  test.each([0, 0.25, 0.999])(
    "is polled first at a phase of the interval that differs by process: %d",
    async (random) => {
      const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare, random: () => random });
      store.set("db", "one");
      await secrets.ready();
      await clock.advance(day / 24);
      const [loaded, first, second] = store.reads.map(({ at }) => at) as [number, number, number];
      expect(first - loaded).toBeCloseTo(Math.max(500, random * minute), 0);
      expect(second - first).toBeCloseTo(minute * (0.9 + random / 5), 0);
    },
  );

  test("is polled as often as the provider's option says", async () => {
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare,
      providerOptions: { vault: { pollInterval: "7s" } },
    });
    store.set("db", "one");
    await secrets.ready();
    await clock.advance(10 * minute);
    expect(store.reads.length).toBeGreaterThan(80);
    expect(store.reads.length).toBeLessThan(92);
  });

  test("never makes a reader wait after its first load", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare });
    store.set("db", "one");
    await secrets.ready();
    store.hangs = true;
    await clock.advance(10 * minute);
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    expect(latest(secrets, "db")).toBe("one");
  });

  test("sends the version that it holds where the store can compare", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare });
    store.set("db", "one", { version: "seven" });
    await secrets.ready();
    await clock.advance(5 * minute);
    expect(store.reads.map(({ ifVersion }) => ifVersion).slice(0, 3)).toEqual([undefined, "seven", "seven"]);
  });

  test("marks exactly those reads that no cache of the store may answer", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare });
    store.set("db", "one");
    await secrets.ready();
    await clock.advance(6 * minute);
    const usual = store.reads.length;
    expect(store.reads.map(({ fresh }) => fresh)).toEqual(Array(usual).fill(undefined));
    await secrets.getSecret("db", { freshness: "fresh" });
    secrets.invalidate("db");
    await secrets.getSecret("db");
    secrets.notify({ reference: "db" });
    await clock.advance(2_000);
    const demanded = store.reads.slice(usual);
    expect(demanded.length).toBeGreaterThanOrEqual(3);
    expect(demanded.map(({ fresh }) => fresh)).toEqual(Array(demanded.length).fill(true));
    await clock.advance(6 * minute);
    expect(store.reads.at(-1)?.fresh).toBe(undefined);
  });

  test("holds no more than 2^31-1 ms in a timer and survives an interval of 32 days", async () => {
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare,
      providerOptions: { vault: { pollInterval: "32d" } },
      random: () => 0.999,
    });
    store.set("db", "one");
    await secrets.ready();
    for (let passed = 0; passed < 31; passed += 1) clock.suspend(day);
    await clock.advance(day / 2);
    expect(store.reads.length).toBeLessThanOrEqual(2);
    await secrets.close();
    expect(clock.armed).toBe(0);
  });
});
