import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { seededRandom } from "../../test/seeded-random.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { SecretEvent } from "../events/events.ts";
import { createRedactor } from "../redact/redactor.ts";
import type { Secret } from "../secret/secret.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { createSecrets } from "./secrets.ts";

const declared = declareSecrets({
  db: { ref: "db", accept: (next) => !next.reveal().startsWith("bad"), overlap: "1h", rotateEvery: "1h" },
  maybe: { ref: "maybe", optional: true },
  old: { ref: "db@previous", optional: true },
});

/** Performs random actions of an application and its store. */
function mischief(seed: number) {
  const { next: random, pick } = seededRandom(seed + 1);
  const made = declaredClient(declared, { supports: { subscribe: seed % 2 === 0 ? "local" : "remote" }, random });
  const { secrets, store, clock } = made;
  const pending: { readonly now: { readonly state: string; readonly error?: unknown } }[] = [];
  const held: { readonly secret: Secret; readonly value: string }[] = [];
  const after: string[] = [];
  let isClosed = false;
  const heard = (what: string) => (): void => {
    if (isClosed) after.push(what);
  };
  const follow = (work: Promise<unknown>): void => void pending.push(settledOf(work));
  const read = async (): Promise<void> => {
    const secret = await secrets.getSecret("db");
    held.push({ secret, value: secret.reveal() });
  };
  const watch = (): void => {
    const one = secrets.watch("db");
    one.on("change", heard("change"), { initial: true });
    one.on("error", heard("error"));
    one.on("delete", heard("delete"));
    follow(one.ready);
    follow(one[Symbol.asyncIterator]().next());
  };
  const steps: readonly (() => unknown)[] = [
    () => store.set("db", pick(["one", "two", "bad", "three"])),
    () => store.set("maybe", "here"),
    () => store.remove(pick(["db", "maybe"])),
    () => store.fail(pick(["UNAVAILABLE", "THROTTLED", "PERMISSION_DENIED", "UNAUTHENTICATED"])),
    () => store.heal(),
    () => {
      store.hangs = random() < 0.3;
    },
    () => {
      store.latencyMs = pick([0, 10, 3_000]);
    },
    () => store.hint("db"),
    () => secrets.notify({}),
    () => secrets.invalidate("db", { drop: random() < 0.3 }),
    () => follow(secrets.ready({ missing: pick(["fail", "wait"]) })),
    () => follow(secrets.getSecret("maybe", { freshness: "fresh" })),
    () => follow(secrets.getSecret(`adhoc/${Math.floor(random() * 5)}`)),
    () => follow(secrets.diagnose()),
    () => follow(read()),
    watch,
    () => secrets.derive("db", { open: async () => "pool", close: heard("nothing") }),
    () => clock.advance(Math.floor(random() * pick([5, 500, 20_000]))),
    () => Promise.resolve(),
  ];
  return {
    ...made,
    pending,
    held,
    after,
    random,
    async play(count: number): Promise<void> {
      store.set("db", "one");
      for (let n = 0; n < count; n += 1) await pick(steps)();
    },
    closed: () => {
      isClosed = true;
    },
  };
}

describe("close at any point", () => {
  test.each(Array.from({ length: 10 }, (_, index) => 100 * index))(
    "leaves nothing behind: 100 points from %d",
    async (first) => {
      for (let seed = first; seed < first + 100; seed += 1) {
        const { secrets, store, clock, events, pending, held, after, random, play, closed } = mischief(seed);
        await play(Math.floor(random() * 25));
        const closing = settledOf(secrets.close());
        if (random() < 0.5) await clock.flush();
        await clock.advance(5_000);
        expect(closing.now.state, `seed ${seed}`).toBe("resolved");
        closed();
        const reported = events.length;
        const reads = store.reads.length;
        expect(clock.armed, `seed ${seed}`).toBe(0);
        expect(store.inFlight, `seed ${seed}`).toBe(0);
        for (const { now } of pending) {
          expect(now.state, `seed ${seed}`).not.toBe("pending");
          if (now.state !== "rejected") continue;
          expect((now.error as { code?: string }).code, `seed ${seed}`).toBeOneOf(codes);
        }
        store.heal();
        store.set("db", "after");
        store.hint("db");
        await clock.advance(600_000);
        expect(after, `seed ${seed}`).toEqual([]);
        expect(events.length, `seed ${seed}`).toBe(reported);
        expect(store.reads.length, `seed ${seed}`).toBe(reads);
        for (const { secret, value } of held) expect(secret.reveal()).toBe(value);
        await expect(secrets.getSecret("db")).rejects.toMatchObject({ code: "CLOSED" });
        for (const [, hints] of store.hints) expect(hints.size, `seed ${seed}`).toBe(0);
        expect(store.closings, `seed ${seed}`).toBe(Math.min(1, store.openings));
      }
    },
  );
});

const codes = [
  "CLOSED",
  "NOT_READY",
  "NOT_FOUND",
  "UNAVAILABLE",
  "THROTTLED",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "INVALID_VALUE",
  "REFUSED",
  "REFUSED",
];

describe("close", () => {
  test("ends waiting calls with CLOSED immediately", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    store.hangs = true;
    const work = [secrets.ready(), secrets.getSecret("db"), secrets.getSecret("other"), secrets.watch("db").ready];
    const fates = work.map((one) => settledOf<unknown>(one));
    await clock.flush();
    expect(store.inFlight).toBeGreaterThan(0);
    await secrets.close();
    await clock.flush();
    for (const { now } of fates) expect(now).toMatchObject({ state: "rejected", error: { code: "CLOSED" } });
  });

  test("ends a caller that waits between two attempts of a first load", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    store.fail("UNAVAILABLE");
    const getting = settledOf(secrets.getSecret("db"));
    await clock.advance(100);
    expect(getting.now.state).toBe("pending");
    await secrets.close();
    await clock.flush();
    expect(getting.now).toMatchObject({ state: "rejected", error: { code: "CLOSED" } });
  });

  test.each([Number.NaN, -1, "5", "soon", null])("refuses a timeout of %j, and stays open", async (timeout) => {
    const { secrets, store } = declaredClient(declared);
    store.set("db", "one");
    await secrets.ready();
    const error = {
      code: "INVALID_CONFIG",
      reason: "duration",
      message: expect.stringContaining("`timeout` of close") as string,
    };
    await expect(secrets.close({ timeout } as never)).rejects.toMatchObject(error);
    expect(secrets.health().status).toBe("ok");
    expect(store.closings).toBe(0);
  });

  test("is idempotent, and closes every provider once", async () => {
    const { secrets, store } = declaredClient(declared);
    store.set("db", "one");
    await secrets.ready();
    const first = secrets.close();
    expect(secrets.close()).toBe(first);
    await Promise.all([first, secrets[Symbol.asyncDispose]()]);
    expect(store.closings).toBe(1);
    expect(secrets.health().status).toBe("closed");
  });

  test("closes a client that has read nothing, which then starts nothing", async () => {
    const { secrets, store, clock } = declaredClient(declared);
    await secrets.close();
    await expect(secrets.ready()).rejects.toMatchObject({ code: "CLOSED" });
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(() => secrets.watch("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(() => secrets.derive("db", { open: () => 1 })).toThrow(expect.objectContaining({ code: "CLOSED" }));
    secrets.invalidate("db", { drop: true });
    secrets.notify({ reference: "db" });
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect([store.openings, clock.armed]).toEqual([0, 0]);
  });

  test("stays closed for any later call", async () => {
    const { secrets, store } = declaredClient(declared);
    store.set("db", "one");
    await secrets.ready();
    await secrets.close();
    secrets.invalidate("db", { drop: true });
    secrets.invalidate("db");
    secrets.notify({});
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(() => secrets.accepted("db")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    await expect(secrets.diagnose()).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("close is bounded", () => {
  /** Creates a client with two stores, the first of which never finishes a call. */
  async function withStuck(stuck: "close" | "subscription" | "derived") {
    const clock = manualClock();
    const [bad, good] = [new ScriptedStore(), new ScriptedStore()];
    bad.supports = { ...bad.supports, subscribe: "local" };
    for (const store of [bad, good]) store.set("x", "one");
    const never = new Promise<never>(() => undefined);
    const adapter = bad.adapter();
    const open: typeof adapter.open = async (options, host) => {
      const provider = await adapter.open(options, host);
      return {
        ...provider,
        ...(stuck === "close" ? { close: () => never } : {}),
        ...(stuck === "subscription" ? { subscribe: async () => ({ [Symbol.asyncDispose]: () => never }) } : {}),
      };
    };
    const secrets = createSecrets({
      declare: declareSecrets({ x: { ref: "x" }, y: { ref: "y" } }),
      adapters: { bad: { ...adapter, open }, good: good.adapter() },
      config: {
        providers: { bad: { use: "bad" }, good: { use: "good" } },
        routes: [{ match: "**", to: ["bad"] }],
        bindings: { y: { provider: "good", path: "x" } },
      },
      clock,
      redactor: createRedactor(),
    });
    if (stuck === "derived") secrets.derive("x", { open: () => "pool", close: () => never });
    await secrets.ready();
    return { secrets, clock, good };
  }

  test.each(["close", "subscription", "derived"] as const)(
    "to 5 s if a %s never finishes, and the other store is still closed",
    async (stuck) => {
      const { secrets, clock, good } = await withStuck(stuck);
      const closing = settledOf(secrets.close());
      await clock.advance(4_900);
      expect(closing.now.state).toBe("pending");
      await clock.advance(200);
      expect(closing.now.state).toBe("resolved");
      expect(good.closings).toBe(1);
      expect(clock.armed).toBe(0);
    },
  );

  test("to the given timeout", async () => {
    const { secrets, clock } = await withStuck("close");
    const closing = settledOf(secrets.close({ timeout: 100 }));
    await clock.advance(150);
    expect(closing.now.state).toBe("resolved");
  });
});

test("no event is emitted after close has resolved, not even on the diagnostics channel", async () => {
  const { subscribe, unsubscribe } = await import("node:diagnostics_channel");
  const heard: unknown[] = [];
  const listener = (event: unknown): void => void heard.push((event as SecretEvent).type);
  const clock = manualClock();
  const store = new ScriptedStore();
  store.set("x", "one");
  const secrets = createSecrets({
    declare: declareSecrets({ x: { ref: "x" } }),
    adapters: { store: store.adapter() },
    config: { providers: { store: { use: "store" } }, routes: [{ match: "**", to: ["store"] }] },
    clock,
    redactor: createRedactor(),
  });
  const { promise, reject } = Promise.withResolvers<void>();
  secrets.derive("x", { open: () => "pool", close: () => promise });
  await secrets.ready();
  const closing = secrets.close({ timeout: 100 });
  await clock.advance(150);
  await closing;
  subscribe("tacit:listener-failed", listener);
  reject(new Error("the pool is stuck"));
  await clock.flush();
  unsubscribe("tacit:listener-failed", listener);
  expect(heard).toEqual([]);
});
