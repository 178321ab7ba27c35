import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { advanceUntil, settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { Secret } from "../secret/secret.ts";

const minute = 60_000;
const maxAge = "1m";

async function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(declareSecrets({ db: { ref: "db" }, extra: { ref: "extra", optional: true } }), options);
  made.store.set("db", "one");
  await made.secrets.ready();
  return { ...made, readsOf: () => made.store.readsOf("db").length };
}

/** Simulates a function that is frozen until its next request. */
const frozen = { monotonicStops: true };

describe("a read with maxAge", () => {
  test("makes no call while the value is younger", async () => {
    const { secrets, store, clock, readsOf } = await client();
    const reads = readsOf();
    store.set("db", "two");
    clock.suspend(minute - 1, frozen);
    expect((await secrets.getSecret("db", { maxAge })).reveal()).toBe("one");
    expect(readsOf()).toBe(reads);
  });

  test.each([
    ["the process was frozen", frozen],
    ["the machine slept", {}],
  ])("reads an older value anew before it is served: %s", async (_why, how) => {
    const { secrets, store, clock } = await client();
    store.set("db", "two");
    clock.suspend(minute + 1, how);
    expect((await secrets.getSecret("db", { maxAge })).reveal()).toBe("two");
  });

  test("reads again if the wall clock was set back", async () => {
    const { secrets, store, clock } = await client();
    store.set("db", "two");
    clock.jump(-60 * minute);
    clock.suspend(minute + 1);
    expect((await secrets.getSecret("db", { maxAge })).reveal()).toBe("two");
  });

  test("costs one read for many callers, and counts as a confirmation", async () => {
    const { secrets, clock, readsOf } = await client();
    clock.suspend(10 * minute, frozen);
    const reads = readsOf();
    await Promise.all(Array.from({ length: 50 }, () => secrets.getSecret("db", { maxAge })));
    await secrets.getSecret("db", { maxAge });
    expect(readsOf()).toBe(reads + 1);
    expect(secrets.latest("db").meta.confirmedAt).toEqual(new Date(clock.now()));
  });

  test("does not join a read that began before the pause", async () => {
    const { secrets, store, clock, readsOf } = await client();
    const late = Promise.withResolvers<{ status: string; version: string; payload: object }>();
    store.script = () => late.promise as never;
    const polling = settledOf(secrets.getSecret("db", { freshness: "fresh" }));
    await clock.flush();
    store.script = undefined;
    clock.suspend(10 * minute, frozen);
    store.set("db", "two");
    const reads = readsOf();
    const read = secrets.getSecret("db", { maxAge });
    late.resolve({ status: "ok", version: "v1", payload: { kind: "value", bytes: Buffer.from("one") } });
    expect((await read).reveal()).toBe("two");
    expect(polling.now).toMatchObject({ state: "resolved" });
    expect(readsOf()).toBe(reads + 1);
  });

  test("serves the last good value where the store does not answer, and leaves the store alone meanwhile", async () => {
    const { secrets, store, clock, readsOf } = await client();
    store.fail("UNAVAILABLE");
    clock.suspend(10 * minute, frozen);
    const reads = readsOf();
    for (let n = 0; n < 5; n += 1) {
      const read = await advanceUntil(clock, secrets.getSecret("db", { maxAge }));
      expect(read.reveal()).toBe("one");
    }
    expect(readsOf()).toBe(reads + 1);
    expect(secrets.health().secrets[0]).toMatchObject({ state: "stale", code: "UNAVAILABLE" });
  });

  test("refuses past maxStale", async () => {
    const { secrets, store, clock } = await client({ config: { cache: { maxStale: "5m" } } });
    store.fail("UNAVAILABLE");
    clock.suspend(10 * minute);
    await expect(advanceUntil(clock, secrets.getSecret("db", { maxAge }))).rejects.toMatchObject({ reason: "stale" });
  });

  test("reads a refused value once per maxAge", async () => {
    const declare = declareSecrets({ db: { ref: "db", accept: (next: Secret) => next.reveal() !== "bad" } });
    const { secrets, store, clock } = declaredClient(declare);
    store.set("db", "one");
    await secrets.ready();
    store.set("db", "bad");
    clock.suspend(10 * minute, frozen);
    const reads = store.readsOf("db").length;
    for (let n = 0; n < 3; n += 1) expect((await secrets.getSecret("db", { maxAge })).reveal()).toBe("one");
    expect(store.readsOf("db")).toHaveLength(reads + 1);
  });

  test("reads a missing optional secret again", async () => {
    const { secrets, store, clock } = await client();
    expect(await secrets.getSecret("extra", { maxAge })).toBeUndefined();
    store.set("extra", "there");
    clock.suspend(10 * minute, frozen);
    expect((await secrets.getSecret("extra", { maxAge }))?.reveal()).toBe("there");
  });

  test("serves an undeclared reference", async () => {
    const { secrets, store, clock } = await client();
    store.set("other", "one");
    await secrets.getSecret("other", { maxAge });
    store.set("other", "two");
    clock.suspend(10 * minute, frozen);
    expect((await secrets.getSecret("other", { maxAge })).reveal()).toBe("two");
  });

  test("loads a secret that was not loaded yet", async () => {
    const { secrets, store } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    store.set("db", "one");
    expect((await secrets.getSecret("db", { maxAge })).reveal()).toBe("one");
  });

  test.each(["1", "-1s", "soon", Number.NaN, {}])("refuses the duration %s", async (wrong) => {
    const { secrets } = await client();
    await expect(secrets.getSecret("db", { maxAge: wrong as never })).rejects.toMatchObject({ reason: "duration" });
  });

  test("of zero reads each time", async () => {
    const { secrets, store, clock } = await client();
    store.set("db", "two");
    clock.suspend(1, frozen);
    expect((await secrets.getSecret("db", { maxAge: "0s" })).reveal()).toBe("two");
  });
});

describe("meta.confirmedAt", () => {
  test("changes with each not-modified result, unlike fetchedAt", async () => {
    const { secrets, clock } = await client({
      config: { providers: { store: { use: "scripted", pollInterval: "1m" } } },
    });
    const secret = secrets.latest("db");
    const fetchedAt = secret.meta.fetchedAt;
    expect(secret.meta.confirmedAt).toEqual(fetchedAt);
    await clock.advance(3 * minute);
    const { meta } = secrets.latest("db");
    expect(meta.confirmedAt.getTime()).toBeGreaterThan(clock.now() - 1.5 * minute);
    expect(meta.fetchedAt).toEqual(fetchedAt);
    expect(secrets.latest("db")).toBe(secret);
  });

  test("of a replaced Secret does not change", async () => {
    const { secrets, store, clock } = await client();
    const old = secrets.latest("db");
    store.set("db", "two");
    await clock.advance(2 * minute);
    const { confirmedAt } = old.meta;
    await clock.advance(10 * minute);
    expect(secrets.latest("db").reveal()).toBe("two");
    expect(old.meta.confirmedAt).toEqual(confirmedAt);
  });
});
