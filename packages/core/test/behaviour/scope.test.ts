import { describe, expect, test } from "vitest";
import { declareSecrets, SecretError, type SecretErrorCode, type SecretErrorOptions } from "../../src/index.ts";
import { declaredClient, pollMs } from "../declared-client.ts";
import { advanceUntil, latest } from "../scripted-client.ts";
import { pair } from "../store-pair.ts";

const names = ["p1", "p2", "p3", "p4", "p5", "p6"] as const;
const declared = declareSecrets({
  good: { ref: "good" },
  p1: { ref: "p1" },
  p2: { ref: "p2" },
  p3: { ref: "p3" },
  p4: { ref: "p4" },
  p5: { ref: "p5" },
  p6: { ref: "p6" },
});

async function client() {
  const made = declaredClient(declared, { supports: { subscribe: "local" } });
  for (const name of names) made.store.set(name, "one");
  made.store.set("good", "one");
  await made.secrets.ready();
  await made.clock.advance(1_000);
  const failing = async (
    paths: readonly string[],
    code: SecretErrorCode,
    options: SecretErrorOptions,
  ): Promise<void> => {
    for (const path of paths) made.store.failPath(path, code, options);
    for (const path of paths) {
      made.store.hint(path);
      await made.clock.flush();
    }
  };
  const leftAlone = (): boolean => made.secrets.health().providers[0]?.state !== "open";
  /** Whether a read of another path reaches the store now. */
  const answers = async (): Promise<boolean> => {
    const before = made.store.readsOf("good").length;
    await advanceUntil(made.clock, made.secrets.getSecret("good", { freshness: "fresh" })).catch(() => undefined);
    return made.store.readsOf("good").length > before;
  };
  return { ...made, failing, leftAlone, answers };
}

describe("a failure of one path", () => {
  test.each(["UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED", "INTERNAL"] as const)(
    "never makes the client leave its store alone, on however many paths (%s)",
    async (code) => {
      const { failing, leftAlone, answers } = await client();
      await failing(names, code, { scope: "path" });
      expect(leftAlone()).toBe(false);
      expect(await answers()).toBe(true);
    },
  );

  test("with a Retry-After holds for that path alone", async () => {
    const { store, clock, failing, answers } = await client();
    await failing(["p1"], "UNAVAILABLE", { scope: "path", retryAfterMs: 120_000 });
    expect(await answers()).toBe(true);
    const before = store.readsOf("p1").length;
    await clock.advance(110_000);
    expect(store.readsOf("p1").length).toBe(before);
  });

  test("backs off its own secret, which is read again", async () => {
    const { secrets, store, clock, failing } = await client();
    await failing(["p1"], "UNAVAILABLE", { scope: "path" });
    const before = store.readsOf("p1").length;
    await clock.advance(600_000);
    const reads = store.readsOf("p1").length - before;
    expect(reads).toBeGreaterThan(5);
    expect(reads).toBeLessThan(25);
    store.heal();
    store.set("p1", "two");
    await clock.advance(70_000);
    expect(secrets.latest("p1").reveal()).toBe("two");
  });

  test("lets a chain fall back for that name alone", async () => {
    const declare = declareSecrets({ db: { ref: "db" }, other: { ref: "other" } });
    const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare });
    for (const store of [a, b]) {
      store.set("db", store === a ? "a-db" : "b-db");
      store.set("other", store === a ? "a-other" : "b-other");
    }
    a.failures.set("db", new SecretError("UNAVAILABLE", "this volume is broken", { scope: "path" }));
    await advanceUntil(clock, secrets.ready());
    expect([latest(secrets, "db"), latest(secrets, "other")]).toEqual(["b-db", "a-other"]);
  });
});

describe("failures of the store", () => {
  test("are counted over distinct paths: one path that fails again and again is not the store", async () => {
    const { clock, failing, leftAlone, answers } = await client();
    await failing(["p1"], "UNAVAILABLE", {});
    await clock.advance(300_000);
    expect(leftAlone()).toBe(false);
    expect(await answers()).toBe(true);
  });

  test("on two paths that fail again and again are not the store", async () => {
    const { clock, failing, answers } = await client();
    await failing(["p1", "p2"], "UNAVAILABLE", {});
    for (let n = 0; n < 30; n += 1) {
      await clock.advance(10_000);
      expect(await answers()).toBe(true);
    }
  });

  test("on three distinct paths make the client leave it alone", async () => {
    const { failing, answers } = await client();
    await failing(["p1", "p2", "p3"], "UNAVAILABLE", {});
    expect(await answers()).toBe(false);
  });

  test("of which some last do not keep the others from the store: the probe goes to a path that has not failed", async () => {
    const { secrets, store, clock, failing } = await client();
    await failing(["p1", "p2", "p3"], "UNAVAILABLE", {});
    for (let serial = 2; serial < 8; serial += 1) {
      store.set("good", String(serial));
      await clock.advance(2 * pollMs);
      expect(secrets.latest("good").reveal()).toBe(String(serial));
    }
  });

  test("keep a dead store nearly unread, however many secrets there are", async () => {
    const { store, clock } = await client();
    store.fail("UNAVAILABLE");
    const before = store.reads.length;
    await clock.advance(600_000);
    expect(store.reads.length - before).toBeLessThanOrEqual(25);
    store.heal();
    await clock.advance(70_000);
    const after = store.readsOf("good").length;
    await clock.advance(130_000);
    expect(store.readsOf("good").length).toBeGreaterThan(after);
  });
});
