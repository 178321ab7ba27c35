import { describe, expect, test } from "vitest";
import { advanceUntil, latest, scriptedClient, settledOf } from "../../test/scripted-client.ts";
import type { ProviderResult } from "../contract/contract.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { SecretError, SecretErrorCode } from "../error/secret-error.ts";

const minute = 60_000;
const declare = declareSecrets({ db: { ref: "db" } });

/** The pauses between reads. */
function gaps(reads: readonly { readonly at: number }[]): readonly number[] {
  return reads.slice(1).map(({ at }, index) => at - (reads[index]?.at ?? 0));
}

describe("a first load", () => {
  test.each<SecretErrorCode>(["UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED", "INTERNAL"])(
    "tries three times on %s, with growing pauses, within 15 s",
    async (code) => {
      const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
      store.fail(code);
      const error = await advanceUntil(
        clock,
        secrets.getSecret("db").catch((thrown: SecretError) => thrown),
      );
      expect(error).toMatchObject({ code });
      expect(store.reads).toHaveLength(3);
      const [first, second] = gaps(store.reads) as [number, number];
      expect(first).toBeGreaterThanOrEqual(500);
      expect(second).toBeGreaterThanOrEqual(1_000);
      expect(clock.monotonic()).toBeLessThanOrEqual(15_000);
    },
  );

  test.each<SecretErrorCode>(["PERMISSION_DENIED", "INVALID_VALUE", "UNSUPPORTED"])(
    "tries once on %s: asking again would not help",
    async (code) => {
      const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
      store.fail(code);
      await expect(secrets.getSecret("db")).rejects.toMatchObject({ code });
      await clock.advance(minute);
      expect(store.reads).toHaveLength(1);
    },
  );

  test("is answered by the attempt that succeeds", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.fail("UNAVAILABLE");
    store.set("db", "one");
    const fate = settledOf(secrets.getSecret("db"));
    await clock.flush();
    store.heal();
    await clock.advance(1_000);
    expect(fate.now.state).toBe("resolved");
    expect(store.reads).toHaveLength(2);
  });

  test("rejects at once if the Retry-After of the store is longer than a first load may last", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.fail("THROTTLED", { retryAfterMs: 30_000 });
    await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "THROTTLED", retryAfterMs: 30_000 });
    expect([store.reads.length, clock.monotonic()]).toEqual([1, 0]);
  });

  test("of a second reference to it rejects then too, instead of outlasting its 15 s", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.fail("THROTTLED", { retryAfterMs: 30_000 });
    await secrets.getSecret("db").catch(() => undefined);
    const second = settledOf(secrets.getSecret("db#field"));
    await clock.advance(15_000);
    expect(second.now).toMatchObject({ state: "rejected", error: { code: "THROTTLED" } });
  });

  test("of a store that hangs ends with UNAVAILABLE/timeout", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.hangs = true;
    const error = await advanceUntil(
      clock,
      secrets.getSecret("db").catch((thrown: SecretError) => thrown),
    );
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "timeout" });
    expect(clock.monotonic()).toBeLessThanOrEqual(15_100);
    // The attempt that nobody waits for any more ends at its own deadline.
    await clock.advance(10_000);
    expect(store.inFlight).toBe(0);
  });

  test("of a required secret goes on in the background, at least once a minute, until it is there", async () => {
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare,
      providerOptions: { vault: { pollInterval: "1h" } },
    });
    await secrets.ready().catch(() => undefined);
    await clock.advance(30 * minute);
    expect(Math.max(...gaps(store.reads))).toBeLessThanOrEqual(minute);
    store.set("db", "created");
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("created");
  });

  test.each<SecretErrorCode>(["UNAVAILABLE", "PERMISSION_DENIED"])(
    "that failed with %s goes on in the background too",
    async (code) => {
      const { secrets, clock, store } = scriptedClient({
        stores: ["vault"],
        declare,
        providerOptions: { vault: { pollInterval: "1h" } },
      });
      store.fail(code);
      await advanceUntil(
        clock,
        secrets.ready().catch(() => undefined),
      );
      await clock.advance(30 * minute);
      expect(Math.max(...gaps(store.reads))).toBeLessThanOrEqual(minute);
      store.heal();
      store.set("db", "created");
      await clock.advance(minute);
      expect(latest(secrets, "db")).toBe("created");
    },
  );

  test("whose selected field is missing goes on in the background too", async () => {
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare: declareSecrets({ db: { ref: "db#password" } }),
      providerOptions: { vault: { pollInterval: "1h" } },
    });
    store.set("db", { username: "u" });
    await secrets.ready().catch(() => undefined);
    await clock.advance(5 * minute);
    store.set("db", { username: "u", password: "p" });
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("p");
  });

  test("of which a part is missing goes on in the background too", async () => {
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare: declareSecrets({ db: { ref: "db#password" } }),
      providerOptions: { vault: { pollInterval: "1h" } },
      config: {
        bindings: {
          db: { fields: { password: { provider: "vault", path: "p" }, user: { provider: "vault", path: "u" } } },
        },
      },
    });
    store.set("p", "p");
    await secrets.ready().catch(() => undefined);
    await clock.advance(5 * minute);
    store.set("u", "u");
    await clock.advance(minute);
    expect(latest(secrets, "db")).toBe("p");
  });
});

describe("after a failure", () => {
  test("the pauses double up to a minute and one success resets them", async () => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare, random: () => 0 });
    store.set("db", "one");
    await secrets.ready();
    store.failPath("db", "INTERNAL");
    const from = store.reads.length;
    await clock.advance(10 * minute);
    expect(gaps(store.reads.slice(from)).slice(0, 8)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
    store.heal();
    await clock.advance(minute);
    store.failPath("db", "INTERNAL");
    const again = store.reads.length;
    await clock.advance(3 * minute);
    expect(gaps(store.reads.slice(again))[0]).toBe(500);
  });

  test("only the failing secret backs off: one bad path does not make the provider unavailable", async () => {
    const both = declareSecrets({ bad: { ref: "bad" }, good: { ref: "good" } });
    const { secrets, clock, store, eventsOf } = scriptedClient({
      stores: ["vault"],
      declare: both,
      providerOptions: { vault: { pollInterval: "1s" } },
    });
    store.set("bad", "one");
    store.set("good", "one");
    await secrets.ready();
    store.failPath("bad", "UNAVAILABLE");
    await clock.advance(4 * minute);
    store.set("good", "two");
    await clock.advance(2_000);
    expect(latest(secrets, "good")).toBe("two");
    expect(eventsOf("error").filter(({ reference }) => reference === "good")).toEqual([]);
  });

  test("100 secrets of a store that is down cost one probe at a time", async () => {
    const names = Array.from({ length: 100 }, (_, id) => `svc/${id}`);
    const { secrets, clock, store } = scriptedClient({
      stores: ["vault"],
      declare: declareSecrets(Object.fromEntries(names.map((ref, id) => [`s${id}`, { ref }]))),
      providerOptions: { vault: { pollInterval: "10s" } },
      random: Math.random,
    });
    for (const name of names) store.set(name, "one");
    await secrets.ready();
    await clock.advance(minute);
    store.fail("UNAVAILABLE");
    const from = store.reads.length;
    await clock.advance(10 * minute);
    expect(store.reads.length - from).toBeLessThan(45);
    store.heal();
    for (const name of names) store.set(name, "two");
    await clock.advance(2 * minute);
    for (const id of names.keys()) expect(latest(secrets, `s${id}`)).toBe("two");
  });

  test.each([
    [5_000, 5_000],
    [90_000, 90_000],
    [10 ** 12, 300_000],
    [-1, 500],
    [0, 500],
    [Number.NaN, 500],
    [Number.POSITIVE_INFINITY, 300_000],
  ])("no read is earlier than a Retry-After of %d ms allows", async (retryAfterMs, floor) => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"], declare, random: () => 0 });
    store.set("db", "one");
    await secrets.ready();
    store.fail("THROTTLED", { retryAfterMs });
    await clock.advance(minute);
    const failing = store.reads.at(1) as { at: number };
    store.heal();
    await clock.advance(10 * minute);
    const next = store.reads.find(({ at }) => at > failing.at) as { at: number };
    expect(next.at - failing.at).toBeGreaterThanOrEqual(floor);
    expect(next.at - failing.at).toBeLessThanOrEqual(floor * 1.25 + 1);
  });
});

describe("a hint", () => {
  async function kept(subscribe: "local" | "remote") {
    const client = scriptedClient({ stores: ["vault"], declare, providerOptions: { vault: { pollInterval: "1h" } } });
    client.store.supports = { ...client.store.supports, subscribe };
    client.store.set("db", "one");
    await client.secrets.ready();
    await client.clock.advance(2_000);
    return { ...client, from: client.store.reads.length };
  }

  test("of a local subscription reads at once, each time", async () => {
    const { secrets, clock, store, from } = await kept("local");
    for (const value of ["two", "three", "four"]) {
      store.set("db", value);
      store.hint("db");
      await clock.flush();
      expect(latest(secrets, "db")).toBe(value);
    }
    expect(store.reads.length - from).toBe(3);
  });

  test("of a local subscription may probe an unavailable provider, but never before its Retry-After has passed", async () => {
    const { secrets, clock, store } = await kept("local");
    store.fail("UNAUTHENTICATED");
    store.hint("db");
    await clock.flush();
    store.heal();
    store.set("db", "two");
    store.hint("db");
    await clock.flush();
    expect(latest(secrets, "db")).toBe("two");
    store.fail("THROTTLED", { retryAfterMs: 20_000 });
    store.hint("db");
    await clock.flush();
    store.heal();
    store.set("db", "three");
    store.hint("db");
    await clock.advance(19_999);
    expect(latest(secrets, "db")).toBe("two");
    await clock.advance(6_000);
    expect(latest(secrets, "db")).toBe("three");
  });

  test.each([0, 5, 20, 49])("during a read, %d ms after it began, causes exactly one more", async (delayMs) => {
    const { secrets, clock, store, from } = await kept("local");
    store.latencyMs = 50;
    store.hint("db");
    await clock.advance(delayMs);
    store.set("db", "two");
    for (let hint = 0; hint < 5; hint += 1) store.hint("db");
    await clock.advance(200);
    expect(latest(secrets, "db")).toBe("two");
    expect(store.reads.length - from).toBe(2);
  });

  test.each([0, 5, 49, 500, 999, 1_001, 1_999])(
    "of a remote subscription %d ms after a read of 2 s began is not lost",
    async (delayMs) => {
      const { secrets, clock, store, from } = await kept("remote");
      store.latencyMs = 2_000;
      store.hint("db");
      await clock.advance(delayMs);
      store.set("db", "two");
      store.hint("db");
      await clock.advance(10_000);
      expect(latest(secrets, "db")).toBe("two");
      expect(store.reads.length - from).toBe(2);
    },
  );

  test("of a remote subscription, or a push from outside, reads at most once a second", async () => {
    for (const hint of ["subscription", "notify"] as const) {
      const { secrets, clock, store, from } = await kept("remote");
      for (let passed = 0; passed < 10_000; passed += 10) {
        if (hint === "notify") secrets.notify({ reference: "db" });
        else store.hint("db");
        await clock.advance(10);
      }
      expect(store.reads.length - from).toBeLessThanOrEqual(11);
      expect(store.reads.length - from).toBeGreaterThanOrEqual(9);
    }
  });

  test("of a remote subscription waits for an unavailable provider, and is not forgotten", async () => {
    const { secrets, clock, store, eventsOf } = await kept("remote");
    store.fail("THROTTLED", { retryAfterMs: 20_000 });
    store.hint("db");
    await clock.flush();
    const asked = eventsOf("read").length;
    store.heal();
    store.set("db", "two");
    const failing = store.reads.length;
    for (let second = 0; second < 19; second += 1) {
      store.hint("db");
      secrets.notify({ provider: "vault" });
      await clock.advance(1_000);
    }
    expect([store.reads.length, eventsOf("read").length]).toEqual([failing, asked]);
    await clock.advance(10_000);
    expect(latest(secrets, "db")).toBe("two");
  });
});

describe("an adapter with invalid answers", () => {
  const value = { kind: "value", bytes: Buffer.from("s3cret-fixture") };
  test.each<[string, unknown]>([
    ["null", null],
    ["text", "s3cret-fixture"],
    ["no status", { payload: value, version: "1" }],
    ["no payload", { status: "ok", version: "1" }],
    ["a payload of text", { status: "ok", version: "1", payload: { kind: "value", bytes: "s3cret-fixture" } }],
    [
      "fields that are a record",
      { status: "ok", version: "1", payload: { kind: "fields", fields: { a: value.bytes } } },
    ],
    ["fields of text", { status: "ok", version: "1", payload: { kind: "fields", fields: new Map([["a", "text"]]) } }],
    ["a version that is a number", { status: "ok", version: 1, payload: value }],
    ["an expiry that is no date", { status: "ok", version: "1", payload: value, expiresAt: new Date("soon") }],
    ["an expiry that is text", { status: "ok", version: "1", payload: value, expiresAt: "2026-01-01" }],
    ["not-modified with nothing held", { status: "not-modified", version: "1" }],
    ["not-found without saying how sure", { status: "not-found" }],
  ])("%s: INTERNAL/invalid-result, retried like a failure, and quotes nothing", async (_title, answer) => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.script = () => answer as ProviderResult;
    const error = await advanceUntil(
      clock,
      secrets.getSecret("db").catch((thrown: SecretError) => thrown),
    );
    expect(error).toMatchObject({ code: "INTERNAL", reason: "invalid-result", provider: "vault" });
    expect(JSON.stringify(error) + String((error as SecretError).stack)).not.toContain("s3cret-fixture");
    expect(store.reads).toHaveLength(3);
  });

  test.each([
    ["without a condition", false, "v1"],
    ["with another version than was asked for", true, "v9"],
  ])("not-modified %s confirms nothing", async (_title, conditional, version) => {
    const { secrets, clock, store } = scriptedClient({ stores: ["vault"] });
    store.supports = { ...store.supports, conditional };
    store.set("db", "one");
    await secrets.getSecret("db");
    store.set("db", "two");
    store.script = () => ({ status: "not-modified", version });
    const fresh = secrets.getSecret("db", { freshness: "fresh" });
    await expect(fresh).rejects.toMatchObject({ code: "INTERNAL", reason: "invalid-result" });
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    store.script = undefined;
    await clock.advance(5_000);
    expect((await secrets.getSecret("db", { freshness: "fresh" })).reveal()).toBe("two");
  });
});
