import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { SecretChange } from "./secret-change.ts";
import type { SecretWatch } from "./secret-watch.ts";

const rotations = 1_000;

/** A client that hints at each rotation, and a well-behaved listener beside the one in question. */
async function client() {
  const made = declaredClient(declareSecrets({ db: { ref: "db" } }), { supports: { subscribe: "local" } });
  made.store.set("db", "v0");
  const watch = made.secrets.watch("db");
  await watch.ready;
  const rotate = async (n: number): Promise<void> => {
    made.store.set("db", `v${n}`);
    made.store.hint("db");
    // As often as hints are followed at once.
    await made.clock.advance(100);
  };
  return { ...made, watch, rotate };
}

type Listener = (change: SecretChange, watch: SecretWatch, calls: string[]) => unknown;

const shapes: readonly [string, Listener, (calls: readonly string[]) => void][] = [
  [
    "throws",
    () => {
      throw new Error("s3cret-fixture");
    },
    (calls) => expect(calls).toHaveLength(rotations),
  ],
  [
    "rejects",
    async () => {
      throw new Error("s3cret-fixture");
    },
    (calls) => expect(calls).toHaveLength(rotations),
  ],
  [
    "throws what is no error",
    () => {
      throw undefined;
    },
    (calls) => expect(calls).toHaveLength(rotations),
  ],
  ["never settles", () => new Promise(() => undefined), (calls) => expect(calls).toEqual(["v1"])],
  [
    "adds listeners",
    (_change, watch, calls) =>
      calls.length < 20 && watch.on("change", ({ current }) => calls.push(`added ${current.reveal()}`)),
    (calls) => expect(calls).toContain(`added v${rotations}`),
  ],
  [
    "reads anew",
    (_change, watch) => void watch.refresh().catch(() => undefined),
    (calls) => expect(calls.at(-1)).toBe(`v${rotations}`),
  ],
];

describe("a change listener that", () => {
  test.each(shapes)(
    "%s does not affect other listeners over 1,000 rotations, and the last value wins",
    async (_shape, listener, check) => {
      const { secrets, watch, rotate, eventsOf } = await client();
      const calls: string[] = [];
      const good: string[] = [];
      watch.on("change", (change) => {
        calls.push(change.current.reveal());
        return listener(change, watch, calls);
      });
      watch.on("change", ({ current }) => good.push(current.reveal()));
      for (let n = 1; n <= rotations; n += 1) await rotate(n);
      expect(good).toEqual(Array.from({ length: rotations }, (_, n) => `v${n + 1}`));
      expect(watch.latest.reveal()).toBe(`v${rotations}`);
      check(calls);
      expect(JSON.stringify(eventsOf("listener-failed"))).not.toContain("s3cret");
      await secrets.close();
    },
  );

  test("unsubscribes inside is not called again; others are", async () => {
    const { watch, rotate } = await client();
    const calls: string[] = [];
    const stops: (() => void)[] = [];
    stops.push(
      watch.on("change", () => {
        calls.push("first");
        for (const stop of stops) stop();
      }),
    );
    stops.push(watch.on("change", () => calls.push("second")));
    watch.on("change", () => calls.push("third"));
    for (let n = 1; n <= 3; n += 1) await rotate(n);
    expect(calls).toEqual(["first", "third", "third", "third"]);
  });

  test.each(["watch", "client"] as const)(
    "closes the %s inside ends everything, and nobody is called after that",
    async (what) => {
      const { secrets, clock, watch, rotate } = await client();
      const calls: string[] = [];
      watch.on("change", () => {
        calls.push("first");
        void (what === "watch" ? watch : secrets).close();
      });
      watch.on("change", () => calls.push("second"));
      const iterator = watch[Symbol.asyncIterator]();
      await iterator.next();
      for (let n = 1; n <= 3; n += 1) await rotate(n);
      expect(calls).toEqual(["first"]);
      expect((await iterator.next()).done).toBe(true);
      expect(watch.state).toBe("closed");
      if (what === "client") expect(clock.armed).toBe(0);
      else expect(secrets.latest("db").reveal()).toBe("v3");
    },
  );
});

describe("an error or delete listener that fails", () => {
  test.each(["error", "delete"] as const)("of %s is reported, and does not affect other listeners", async (event) => {
    const { store, clock, watch, eventsOf } = await client();
    const calls: string[] = [];
    const on = watch.on as (event: string, listener: () => unknown) => () => void;
    on.call(watch, event, () => {
      throw new TypeError("s3cret-fixture");
    });
    on.call(watch, event, async () => {
      throw Object.assign(new RangeError("s3cret-fixture"), { code: "ECONNREFUSED", status: 502 });
    });
    const stop = on.call(watch, event, () => calls.push("stopped"));
    on.call(watch, event, () => calls.push("fine"));
    stop();
    if (event === "error") store.fail("PERMISSION_DENIED");
    else store.remove("db");
    store.hint("db");
    await clock.flush();
    expect(calls).toEqual(["fine"]);
    const failed = { type: "listener-failed", reference: "db", event };
    expect(eventsOf("listener-failed")).toEqual([
      { ...failed, name: "TypeError" },
      { ...failed, name: "RangeError", cause: { name: "RangeError", code: "ECONNREFUSED", status: 502 } },
    ]);
  });

  test("may unsubscribe another that has not been called yet", async () => {
    const { store, clock, watch } = await client();
    const calls: string[] = [];
    watch.on("error", () => stop());
    const stop = watch.on("error", () => calls.push("too late"));
    store.fail("PERMISSION_DENIED");
    store.hint("db");
    await clock.flush();
    expect(calls).toEqual([]);
  });
});

test("the same function subscribed twice is two subscriptions", async () => {
  const { watch, rotate } = await client();
  let calls = 0;
  const listener = (): void => void calls++;
  const stop = watch.on("change", listener);
  watch.on("change", listener);
  await rotate(1);
  expect(calls).toBe(2);
  stop();
  stop();
  await rotate(2);
  expect(calls).toBe(3);
});
