import { describe, expect, test } from "vitest";
import { SecretError } from "../../src/index.ts";
import { latest, type ScriptedClient, scriptedClient, settledOf } from "../scripted-client.ts";
import { seededRandom } from "../seeded-random.ts";

const pollMs = 60_000;

/** What a call for several paths does, singly or in chunks. */
interface Calls {
  /** Sizes of the calls for several paths. */
  readonly many: readonly number[];
  readonly single: number;
}

/** A client of one store, whose calls read as many paths as the store allows. */
function client(count: number, batch = 20, random: () => number = () => 0.5): ScriptedClient & { calls(): Calls } {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const declare = Object.fromEntries(names.map((name) => [name, { ref: name }])) as never;
  const made = scriptedClient({ stores: ["store"], declare, random });
  made.store.supports = { ...made.store.supports, batch };
  for (const name of names) made.store.set(name, `value of ${name}`);
  const calls = (): Calls => {
    const many = made.store.calls.map(({ length }) => length);
    const single = made.store.reads.length - many.reduce((sum, size) => sum + size, 0);
    made.store.calls.length = 0;
    made.store.reads.length = 0;
    return { many, single };
  };
  return { ...made, calls };
}

describe("reads of one provider in the same turn are one call", () => {
  test("on the first load, in as few calls as the store allows", async () => {
    const { secrets, calls } = client(100);
    await secrets.ready();
    expect(calls()).toEqual({ many: [20, 20, 20, 20, 20], single: 0 });
    expect(latest(secrets, "s99")).toBe("value of s99");
  });

  test("for references that nobody declared", async () => {
    const { secrets, store, calls } = client(1);
    await secrets.ready();
    calls();
    for (const name of ["a", "b", "c"]) store.set(name, name);
    const [a, , c] = await Promise.all(["a", "b", "c"].map((name) => secrets.getSecret(name)));
    expect([a?.reveal(), c?.reveal()]).toEqual(["a", "c"]);
    expect(calls()).toEqual({ many: [3], single: 0 });
  });

  test("in each poll, also where the random phases of the secrets differ", async () => {
    const { secrets, clock, calls } = client(100, 20, seededRandom(1).next);
    await secrets.ready();
    calls();
    await clock.advance(60 * pollMs);
    const { many, single } = calls();
    expect(many.every((size) => size === 20)).toBe(true);
    expect(many.length).toBeLessThanOrEqual(5 * 67);
    expect(many.length).toBeGreaterThanOrEqual(5 * 53);
    expect(single).toBe(0);
  });

  test("of a secret that was read by itself meanwhile, soon again", async () => {
    const { secrets, clock, calls } = client(20);
    await secrets.ready();
    await clock.advance(1.2 * pollMs);
    await secrets.getSecret("s7", { freshness: "fresh" });
    await clock.advance(3 * pollMs);
    calls();
    await clock.advance(10 * pollMs);
    const { many, single } = calls();
    expect(many.every((size) => size === 20)).toBe(true);
    expect(single).toBe(0);
  });

  test("after a sleep", async () => {
    const { secrets, clock, calls } = client(40);
    await secrets.ready();
    calls();
    clock.suspend(3_600_000);
    await clock.advance(11_000);
    expect(calls()).toEqual({ many: [20, 20], single: 0 });
  });

  test("and where the store failed, the attempts after it are", async () => {
    const { secrets, clock, store, calls } = client(40);
    store.fail("UNAVAILABLE");
    const ready = settledOf(secrets.ready());
    await clock.flush();
    store.heal();
    await clock.advance(2_000);
    expect(ready.now.state).toBe("resolved");
    expect(calls()).toEqual({ many: [20, 20, 20, 20], single: 0 });
  });
});

describe("a single read", () => {
  test("is made at once and alone", async () => {
    const { secrets, store, calls } = client(1);
    await secrets.ready();
    expect(calls()).toEqual({ many: [], single: 1 });
    let turns = 0;
    const turn = setImmediate(() => {
      turns += 1;
    });
    store.set("other", "value");
    store.script = () => {
      expect(turns).toBe(0);
      return undefined;
    };
    await secrets.getSecret("other");
    clearImmediate(turn);
    expect(store.reads.map(({ path }) => path)).toEqual(["other"]);
  });

  test("of another version is not made with others", async () => {
    const { secrets, store, calls } = client(3);
    await secrets.ready();
    calls();
    store.set("s0", "newer");
    await Promise.all(["s0@previous", "s1@previous"].map((name) => secrets.getSecret(name).catch(() => undefined)));
    expect(calls()).toEqual({ many: [], single: 2 });
  });
});

describe("in a call for several paths", () => {
  test("one that fails or is missing fails alone", async () => {
    const { secrets, store, clock } = client(4);
    store.failPath("s1", "PERMISSION_DENIED");
    store.remove("s2");
    const ready = await secrets.ready().catch((error: unknown) => error as SecretError);
    expect((ready as SecretError).errors?.map(({ code }) => code).sort()).toEqual(["NOT_FOUND", "PERMISSION_DENIED"]);
    expect([latest(secrets, "s0"), latest(secrets, "s3")]).toEqual(["value of s0", "value of s3"]);
    await clock.flush();
    expect(store.calls).toEqual([["s0", "s1", "s2", "s3"]]);
  });

  test("a failure of all of them reaches each", async () => {
    const { secrets, store } = client(3);
    store.fail("PERMISSION_DENIED");
    await expect(secrets.ready()).rejects.toMatchObject({ errors: [{ code: "PERMISSION_DENIED" }] });
    const codes = secrets.health().secrets.map(({ code }) => code);
    expect(codes).toEqual(Array(3).fill("PERMISSION_DENIED"));
    expect(store.calls).toEqual([["s0", "s1", "s2"]]);
  });

  test("an abort ends the wait of its caller alone", async () => {
    const { secrets, store, clock } = client(1);
    await secrets.ready();
    for (const name of ["a", "b"]) store.set(name, name);
    store.latencyMs = 1_000;
    const aborting = new AbortController();
    const a = settledOf(secrets.getSecret("a", { signal: aborting.signal }));
    const b = settledOf(secrets.getSecret("b"));
    await clock.flush();
    aborting.abort();
    await clock.flush();
    expect([a.now.state, b.now.state]).toEqual(["rejected", "pending"]);
    await clock.advance(1_000);
    expect(b.now.state).toBe("resolved");
    expect(store.calls).toEqual([["a", "b"]]);
  });

  test("an unchanged one is not modified, a changed one is", async () => {
    const { secrets, store, clock, eventsOf } = client(3);
    await secrets.ready();
    store.set("s1", "newer");
    await clock.advance(2 * pollMs);
    expect(latest(secrets, "s1")).toBe("newer");
    const changes = eventsOf("change").filter(({ reason }) => reason !== "initial");
    expect(changes.map(({ reference }) => reference)).toEqual(["s1"]);
  });

  test("the deadline is one, and what comes later is not taken", async () => {
    const { secrets, store, clock } = client(2);
    store.hangs = true;
    const ready = settledOf(secrets.ready());
    await clock.advance(10_000);
    store.heal();
    await clock.advance(6_000);
    expect(ready.now.state).toBe("resolved");
    expect(store.calls).toEqual([
      ["s0", "s1"],
      ["s0", "s1"],
    ]);
  });
});

describe("the calls count, not the paths in them", () => {
  test("towards the slots of a provider", async () => {
    const { secrets, store, clock } = client(60, 2);
    store.latencyMs = 100;
    const ready = settledOf(secrets.ready());
    await clock.flush();
    expect([store.inFlight, store.mostInFlight]).toEqual([16, 16]);
    await clock.advance(200);
    expect(ready.now.state).toBe("resolved");
    expect([store.calls.length, store.mostInFlight]).toEqual([30, 16]);
  });

  test("towards leaving the store alone", async () => {
    const { secrets, store, clock, eventsOf } = client(20);
    store.fail("UNAVAILABLE");
    const ready = settledOf(secrets.ready());
    await clock.flush();
    expect(eventsOf("provider-degraded")).toEqual([]);
    expect(store.calls).toHaveLength(1);
    await clock.advance(15_000);
    expect(ready.now.state).toBe("rejected");
  });

  test("a store that is left alone is probed with one path, and asked for the others together after it", async () => {
    const { secrets, store, clock, calls } = client(40);
    await secrets.ready();
    calls();
    store.fail("THROTTLED", { retryAfterMs: 2_000 });
    await clock.advance(pollMs / 2 + 100);
    expect(calls().many).toEqual([20, 20]);
    store.heal();
    await clock.advance(4_000);
    const { many, single } = calls();
    expect(single).toBe(1);
    expect(many.reduce((sum, size) => sum + size, 0)).toBe(39);
    expect(many.length).toBeLessThanOrEqual(3);
  });
});

describe("a path that makes the calls of others fail", () => {
  test.each(["INVALID_VALUE", "INTERNAL", "UNAVAILABLE"] as const)("with %s is soon asked alone", async (code) => {
    const { secrets, store, clock } = client(4);
    await secrets.ready();
    store.manyScript = (requests) => {
      if (requests.some(({ path }) => path === "s2")) throw new SecretError(code, "as scripted");
      return undefined;
    };
    store.failPath("s2", code);
    for (const name of ["s0", "s1", "s3"]) store.set(name, `newer ${name}`);
    await clock.advance(5 * pollMs);
    expect(["s0", "s1", "s3"].map((name) => latest(secrets, name))).toEqual(["newer s0", "newer s1", "newer s3"]);
    store.calls.length = 0;
    await clock.advance(3 * pollMs);
    expect(store.calls.length).toBeGreaterThanOrEqual(2);
    expect(store.calls.every((paths) => !paths.includes("s2"))).toBe(true);
    store.failures.clear();
    store.manyScript = undefined;
    await clock.advance(4 * pollMs);
    expect(store.calls.at(-1)).toContain("s2");
  });
});

test("secrets of this machine are polled in turns of at most 64, one by one", async () => {
  const { secrets, clock, store, calls } = client(100, 20, seededRandom(1).next);
  store.supports = { ...store.supports, subscribe: "local", batch: undefined };
  await secrets.ready();
  await clock.advance(10 * pollMs);
  calls();
  await clock.advance(20 * pollMs);
  const turns = [...Map.groupBy(store.reads, ({ at }) => at).values()].map(({ length }) => length);
  expect(Math.max(...turns)).toBeLessThanOrEqual(64);
  expect(turns.length).toBeLessThanOrEqual(2 * 23);
  const { many, single } = calls();
  expect(many).toEqual([]);
  expect(single).toBeGreaterThanOrEqual(100 * 18);
  expect(single).toBeLessThanOrEqual(100 * 23);
});
