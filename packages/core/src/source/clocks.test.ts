import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { advanceUntil, latest, scriptedClient } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { ManualClock } from "../testing/manual-clock.ts";

const minute = 60_000;
const hour = 60 * minute;
const declare = declareSecrets({ db: { ref: "db" } });

function kept(pollInterval = "6h", random: () => number = () => 0.5) {
  return scriptedClient({ stores: ["vault"], declare, random, providerOptions: { vault: { pollInterval } } });
}

describe("a wake", () => {
  const steps: readonly (readonly [string, (clock: ManualClock) => void])[] = [
    ["the wall clock steps an hour on", (clock) => clock.jump(hour)],
    ["the wall clock steps an hour back", (clock) => clock.jump(-hour)],
    [
      "the machine is suspended for 8 h and its monotonic clock stops",
      (clock) => clock.suspend(8 * hour, { monotonicStops: true }),
    ],
    ["the machine is suspended for 8 h and its monotonic clock goes on", (clock) => clock.suspend(8 * hour)],
    ["the process is stopped for an hour", (clock) => clock.suspend(hour)],
    ["a frozen function thaws after 20 minutes", (clock) => clock.suspend(20 * minute, { monotonicStops: true })],
  ];

  test.each(steps)("reads within 5 s of the next heartbeat when %s", async (_title, happens) => {
    const { secrets, clock, store } = kept();
    store.set("db", "old");
    await secrets.ready();
    await clock.advance(minute);
    store.set("db", "new");
    happens(clock);
    await clock.advance(20_000);
    expect(latest(secrets, "db")).toBe("new");
    expect(store.reads.length).toBeLessThanOrEqual(3);
  });

  test("spreads those reads over the 5 s", async () => {
    const names = Array.from({ length: 200 }, (_, id) => `svc/${id}`);
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare: declareSecrets(Object.fromEntries(names.map((ref, id) => [`s${id}`, { ref }]))),
      providerOptions: { vault: { pollInterval: "365d" } },
      random,
    });
    for (const name of names) store.set(name, "one");
    await secrets.ready();
    clock.suspend(8 * hour, { monotonicStops: true });
    const from = store.reads.length;
    await clock.advance(20_000);
    const seconds = store.reads.slice(from).map(({ at }) => Math.floor(at / 1_000));
    expect(seconds).toHaveLength(200);
    for (const second of new Set(seconds)) expect(seconds.filter((one) => one === second).length).toBeLessThan(80);
  });

  test("does not read a value that is younger than its ttl", async () => {
    const { secrets, clock, store } = kept();
    store.set("db", "one");
    await secrets.ready();
    clock.jump(40_000);
    await clock.advance(minute);
    expect(store.reads).toHaveLength(1);
  });

  test("ends the freshness of an undeclared answer that is older than its ttl", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.set("db", "old");
    await secrets.getSecret("db");
    store.set("db", "new");
    clock.suspend(hour, { monotonicStops: true });
    await clock.advance(15_000);
    expect((await secrets.getSecret("db")).reveal()).toBe("new");
  });
});

describe("the time at which a store expects to have another value", () => {
  const inAnHour = (clock: { now(): number }): Date => new Date(clock.now() + 3_600_000);

  test("is when a refreshed secret is read again, long before the next poll", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { defaultPollMs: 30 * 24 * 3_600_000 },
    });
    store.set("db", "one", { refreshAt: inAnHour(clock) });
    await secrets.ready();
    await clock.advance(3_599_000);
    store.set("db", "two", { refreshAt: inAnHour(clock) });
    expect(secrets.latest("db").reveal()).toBe("one");
    await clock.advance(2_000);
    expect(secrets.latest("db").reveal()).toBe("two");
    await secrets.close();
  });

  test("in the past causes no additional reads, and does not end the held value", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    store.set("db", "one", { refreshAt: new Date(0) });
    await secrets.ready();
    const before = store.reads.length;
    await clock.advance(10_000);
    expect(store.reads.length - before).toBeLessThan(25);
    expect(secrets.latest("db").reveal()).toBe("one");
    await secrets.close();
  });
});

describe("an expiry", () => {
  test.each([2 * minute, hour, 24 * hour, 32 * 24 * hour])(
    "brings a read forward to a safe margin: %d ms",
    async (lifeMs) => {
      const { secrets, clock, store } = kept("365d");
      store.set("db", "old", { expiresAt: new Date(clock.now() + lifeMs) });
      await secrets.ready();
      store.set("db", "new");
      await clock.advance(lifeMs * 0.79);
      expect(latest(secrets, "db")).toBe("old");
      await clock.advance(lifeMs * 0.02);
      expect(latest(secrets, "db")).toBe("new");
      expect(store.reads).toHaveLength(2);
    },
  );

  test("causes repeated reads before it, and nothing is served after it", async () => {
    const { secrets, clock, store } = kept("365d");
    store.set("db", "old", { expiresAt: new Date(clock.now() + hour) });
    await secrets.ready();
    store.fail("UNAVAILABLE");
    await clock.advance(hour - 1);
    expect(latest(secrets, "db")).toBe("old");
    await clock.advance(1);
    expect(() => latest(secrets, "db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "expired" }));
    await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(store.reads.length).toBeGreaterThan(3);
  });

  test("counts on wall time, also after the wall clock was set", async () => {
    const { secrets, clock, store } = kept("365d");
    store.set("db", "old", { expiresAt: new Date(clock.now() + hour) });
    await secrets.ready();
    store.fail("UNAVAILABLE");
    clock.jump(hour);
    await clock.advance(16_000);
    expect(() => latest(secrets, "db")).toThrow(expect.objectContaining({ reason: "expired" }));
  });

  test("counts on wall time after a small step as well, from the next beat on", async () => {
    const { secrets, clock, store } = kept("365d");
    store.set("db", "old", { expiresAt: new Date(clock.now() + 2 * minute) });
    await secrets.ready();
    store.fail("PERMISSION_DENIED");
    clock.jump(25_000);
    await clock.advance(2 * minute - 25_000);
    expect(() => latest(secrets, "db")).toThrow(expect.objectContaining({ reason: "expired" }));
  });

  test("moves the early read too when a step of the wall clock brings it nearer", async () => {
    const { secrets, clock, store } = kept("365d");
    store.set("db", "old", { expiresAt: new Date(clock.now() + 200_000) });
    await secrets.ready();
    store.set("db", "new");
    clock.jump(100_000);
    await clock.advance(99_000);
    expect(latest(secrets, "db")).toBe("new");
  });

  test("in the past makes reads fail with a backoff, until the value is renewed", async () => {
    const { secrets, clock, store } = kept("10s");
    store.set("db", "ended", { expiresAt: new Date(clock.now() - 1) });
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((thrown: SecretError) => thrown),
    );
    expect((error as SecretError).errors).toMatchObject([{ code: "UNAVAILABLE", reason: "expired" }]);
    const from = store.reads.length;
    await clock.advance(10 * minute);
    expect(store.reads.length - from).toBeLessThan(25);
    store.set("db", "renewed", { expiresAt: new Date(clock.now() + hour) });
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("renewed");
  });

  test("of a certificate that the store does not renew causes a backoff, not a burst of reads", async () => {
    const { secrets, clock, store } = kept("10s");
    store.set("db", "ends", { expiresAt: new Date(clock.now() + hour) });
    await secrets.ready();
    await clock.advance(hour);
    const from = store.reads.length;
    await clock.advance(10 * minute);
    expect(() => latest(secrets, "db")).toThrow(expect.objectContaining({ reason: "expired" }));
    expect(store.reads.length - from).toBeLessThan(25);
  });

  test("nearer than the margin causes no burst of reads either", async () => {
    const { secrets, clock, store } = kept("10s");
    store.script = () => ({
      status: "ok",
      version: `${store.reads.length}`,
      payload: { kind: "value", bytes: Buffer.from("short-lived") },
      expiresAt: new Date(clock.now() + 100),
    });
    await secrets.ready();
    await clock.advance(minute);
    expect(store.reads.length).toBeLessThan(minute / 50);
  });
});

describe("maxStale", () => {
  const failing = async (maxStale: string) => {
    const client = scriptedClient({ stores: ["vault"], declare, config: { cache: { maxStale } } });
    client.store.set("db", "good");
    await client.secrets.ready();
    await client.clock.advance(minute);
    client.store.fail("UNAVAILABLE");
    return client;
  };

  test("without a limit serves the last good value through any outage", async () => {
    const { secrets, clock } = await failing("unlimited");
    await clock.advance(48 * hour);
    expect(latest(secrets, "db")).toBe("good");
  });

  test("of 0s never serves the value after a failure", async () => {
    const { secrets, clock } = await failing("0s");
    await clock.advance(2 * minute);
    expect(() => latest(secrets, "db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "stale" }));
  });

  test("counts on monotonic time and ends with the code of the last failure; a recovery serves again", async () => {
    const { secrets, clock, store, eventsOf } = await failing("1h");
    await clock.advance(50 * minute);
    clock.jump(24 * hour);
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("good");
    expect(eventsOf("expired")).toEqual([]);
    await clock.advance(12 * minute);
    expect(() => latest(secrets, "db")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "stale" }));
    const expired = { type: "expired", reference: "db", code: "UNAVAILABLE", reason: "stale", required: true };
    expect(eventsOf("expired")).toEqual([expired]);
    store.heal();
    await clock.advance(90_000);
    expect(latest(secrets, "db")).toBe("good");
  });
});
