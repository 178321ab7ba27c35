import { describe, expect, test } from "vitest";
import {
  type Adapters,
  createSecrets,
  declareSecrets,
  type OpenSecrets,
  SecretError,
  type StandardSchemaV1,
} from "../../src/index.ts";
import { createRedactor } from "../../src/redact/redactor.ts";
import { type ManualClock, manualClock } from "../../src/testing/index.ts";
import { declaredClient } from "../declared-client.ts";
import { settledOf } from "../scripted-client.ts";

/** However wrong the client is, the adapter stops hinting then, so that a test ends. */
const patience = 3_000;
type When = "in a microtask" | "in a macrotask" | "at once";

interface Looping {
  readonly secrets: OpenSecrets<{ t: { ref: "t" } }>;
  readonly clock: ManualClock;
  readonly reads: number[];
  isFailing: boolean;
}

const anything: StandardSchemaV1<unknown, unknown> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
};

/** A client of an adapter that hints after each read, as an odd watcher or a file system in user space does. */
function looping(when: When, isFailing: boolean, subscribe: "local" | "remote" = "local"): Looping {
  const clock = manualClock();
  const reads: number[] = [];
  const hints = new Set<() => void>();
  const state = { isFailing };
  const hintAll = (): void => {
    for (const hint of [...hints]) hint();
  };
  const adapters: Adapters = {
    looping: {
      name: "looping",
      options: async () => anything,
      open: () => ({
        supports: { payload: "value", versions: false, subscribe, conditional: false, defaultPollMs: 10_000 },
        async get() {
          reads.push(clock.monotonic());
          if (reads.length < patience) {
            if (when === "at once") hintAll();
            else if (when === "in a microtask") queueMicrotask(hintAll);
            else setImmediate(hintAll);
          }
          if (state.isFailing) throw new SecretError("UNAVAILABLE", "cannot be read now");
          return { status: "ok", version: "1", payload: { kind: "value", bytes: Buffer.from("s3cret-fixture") } };
        },
        async subscribe(_paths, hint) {
          const own = (): void => hint();
          hints.add(own);
          return { [Symbol.asyncDispose]: async () => void hints.delete(own) };
        },
      }),
    },
  };
  const secrets = createSecrets({
    strict: false,
    declare: declareSecrets({ t: { ref: "t" } }),
    adapters,
    config: { providers: { m: { use: "looping" } }, routes: [{ match: "**", to: ["m"] }] },
    clock,
    random: () => 0.5,
    redactor: createRedactor(),
  });
  return {
    secrets: secrets as never,
    clock,
    reads,
    get isFailing() {
      return state.isFailing;
    },
    set isFailing(on) {
      state.isFailing = on;
    },
  };
}

/** Time in which macrotasks run between any two moments, as they do on a real machine. */
async function busySecond(clock: ManualClock): Promise<void> {
  for (let part = 0; part < 50; part += 1) {
    for (let turn = 0; turn < 4; turn += 1) await clock.flush();
    await clock.advance(20);
  }
}

const moments: readonly When[] = ["in a microtask", "in a macrotask", "at once"];

describe.each(moments)("an adapter that hints %s after each read", (when) => {
  test("is read a bounded number of times a second", async () => {
    const { secrets, clock, reads } = looping(when, false);
    const ready = settledOf(secrets.ready());
    await busySecond(clock);
    expect(ready.now.state).toBe("resolved");
    expect(reads.length).toBeLessThanOrEqual(30);
    const before = reads.length;
    for (let second = 0; second < 20; second += 1) await busySecond(clock);
    expect(reads.length - before).toBeLessThanOrEqual(20 * 15);
    await secrets.close();
  });

  test("is read a few times a second while its reads fail, so that a repair is seen at once", async () => {
    const { secrets, clock, reads } = looping(when, true);
    void secrets.ready().catch(() => undefined);
    for (let second = 0; second < 30; second += 1) await busySecond(clock);
    expect(reads.length).toBeLessThanOrEqual(30 * 3);
    await secrets.close();
  });

  test("leaves `ready` its deadline", async () => {
    const { secrets, clock } = looping(when, true);
    const ready = settledOf(secrets.ready({ timeout: 2_000 }));
    for (let second = 0; second < 3; second += 1) await busySecond(clock);
    expect(ready.now).toMatchObject({ state: "rejected", error: { code: "NOT_READY" } });
    await secrets.close();
  });

  test("leaves `close` its end, after which nothing is read", async () => {
    const { secrets, clock, reads } = looping(when, false);
    void secrets.ready().catch(() => undefined);
    await busySecond(clock);
    const closing = settledOf(secrets.close());
    await busySecond(clock);
    expect(closing.now.state).toBe("resolved");
    const before = reads.length;
    await busySecond(clock);
    expect(reads.length).toBe(before);
    expect(clock.armed).toBe(0);
  });

  test("is served as soon as its reads succeed again", async () => {
    const made = looping(when, true);
    void made.secrets.ready().catch(() => undefined);
    for (let second = 0; second < 5; second += 1) await busySecond(made.clock);
    made.isFailing = false;
    for (let second = 0; second < 70; second += 1) await busySecond(made.clock);
    expect(made.secrets.latest("t").reveal()).toBe("s3cret-fixture");
    await made.secrets.close();
  });

  test("over a held connection is read at most once a second", async () => {
    const { secrets, clock, reads } = looping(when, false, "remote");
    void secrets.ready().catch(() => undefined);
    for (let second = 0; second < 20; second += 1) await busySecond(clock);
    expect(reads.length).toBeLessThanOrEqual(23);
    await secrets.close();
  });
});

describe("a hint within the budget", () => {
  test("reads at once, several times a second", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "0");
    await secrets.ready();
    await clock.advance(2_000);
    for (let n = 1; n <= 20; n += 1) {
      store.set("db", String(n));
      store.hint("db");
      await clock.flush();
      expect(secrets.latest("db").reveal()).toBe(String(n));
      await clock.advance(200);
    }
  });

  test("beyond the budget is late, never lost", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "0");
    await secrets.ready();
    await clock.advance(2_000);
    for (let n = 1; n <= 200; n += 1) {
      store.set("db", String(n));
      store.hint("db");
      await clock.flush();
    }
    await clock.advance(1_500);
    expect(secrets.latest("db").reveal()).toBe("200");
  });
});

describe.each(["local", "remote"] as const)("a read after a %s hint", (subscribe) => {
  test("is hinted while the store alone asked for it, and not once anybody else does", async () => {
    const declare = declareSecrets({ t: { ref: "t" } });
    const { secrets, store, clock } = declaredClient(declare, { supports: { subscribe } });
    store.set("t", "one");
    await secrets.ready();
    await clock.advance(5_000);
    const reasonAfter = async (ask: () => void): Promise<unknown> => {
      const before = store.reads.length;
      ask();
      await clock.advance(1_500);
      expect(store.reads.length).toBeGreaterThan(before);
      return store.reads.slice(before).map(({ fresh, hinted }) => ({ fresh, hinted }));
    };
    expect(await reasonAfter(() => store.hint("t"))).toEqual([{ fresh: true, hinted: true }]);
    await clock.advance(5_000);
    expect(await reasonAfter(() => secrets.notify({ reference: "t" }))).toEqual([{ fresh: true }]);
    await clock.advance(5_000);
    store.latencyMs = 200;
    const both = await reasonAfter(() => {
      store.hint("t");
      store.hint("t");
      secrets.notify({ reference: "t" });
      store.hint("t");
    });
    expect((both as { hinted?: true }[]).map(({ hinted }) => hinted)).toEqual([true, undefined]);
    await clock.advance(70_000);
    expect(store.reads.at(-1)).not.toHaveProperty("hinted");
    await secrets.close();
  });

  test("is no answer to an invalidation that came between the two", async () => {
    const declare = declareSecrets({ t: { ref: "t" } });
    const { secrets, store, clock } = declaredClient(declare, { supports: { subscribe } });
    store.set("t", "one");
    await secrets.ready();
    await clock.advance(5_000);
    // So many that the next one has to wait for its turn.
    for (let index = 0; index < 30; index += 1) {
      store.hint("t");
      await clock.flush();
    }
    secrets.invalidate("t");
    await clock.advance(1_500);
    expect(store.reads.at(-1)).toMatchObject({ hinted: true });
    const before = store.reads.length;
    await secrets.getSecret("t");
    expect(store.reads.slice(before).map(({ hinted }) => hinted)).toEqual([undefined]);
    await secrets.close();
  });
});
