import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { declareSecrets, json, type Secret, type StandardSchemaV1 } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";

const minute = 60_000;
const hour = 60 * minute;
const declared = declareSecrets({ db: { ref: "db", overlap: "15m" } });

class Key {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const keys: StandardSchemaV1<unknown, Key> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: new Key(String(value)) }) },
};

/** A client of a store that keeps no versions, unless the test says otherwise. */
async function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: false }, ...options });
  const hint = async (): Promise<void> => {
    made.store.hint("db");
    await made.clock.flush();
  };
  const rotate = async (value: string, facts: { createdAt?: Date } = {}): Promise<void> => {
    made.store.set("db", value, facts);
    await hint();
  };
  const accepted = (): readonly string[] => made.secrets.accepted("db").map((secret) => secret.reveal());
  made.store.set("db", "one");
  await made.secrets.ready();
  await made.clock.advance(1_000);
  return { ...made, hint, rotate, accepted };
}

describe("the previous value is accepted for the overlap", () => {
  test("although the secret was deleted and came back meanwhile", async () => {
    const { store, clock, hint, rotate, accepted } = await client();
    await rotate("two");
    await clock.advance(minute);
    store.remove("db");
    await hint();
    await clock.advance(minute);
    await rotate("two");
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(12 * minute);
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(2 * minute);
    expect(accepted()).toEqual(["two"]);
  });

  test("although it was deleted and came back several times", async () => {
    const { store, clock, hint, rotate, accepted } = await client();
    await rotate("two");
    for (let n = 0; n < 4; n += 1) {
      store.remove("db");
      await hint();
      await rotate("two");
      await clock.advance(minute);
    }
    expect(accepted()).toEqual(["two", "one"]);
  });

  test("although it has no canonical form, was deleted and came back", async () => {
    const { secrets, store, clock } = declaredClient(
      declareSecrets({ key: { ref: "key", as: json(keys), overlap: "15m" } }),
      {
        supports: { subscribe: "local", versions: false },
      },
    );
    const set = async (value: string | undefined): Promise<void> => {
      if (value === undefined) store.remove("key");
      else store.set("key", JSON.stringify(value));
      store.hint("key");
      await clock.flush();
    };
    store.set("key", JSON.stringify("one"));
    await secrets.ready();
    for (const value of ["two", undefined, "two"]) await set(value);
    expect(secrets.accepted("key").map((secret) => secret.reveal().text)).toEqual(["two", "one"]);
  });

  test("although the store was away and the client could not serve for a while", async () => {
    const { secrets, store, clock, hint, accepted, rotate } = await client({ config: { onDenied: "throw" } });
    await rotate("two");
    store.fail("PERMISSION_DENIED");
    await hint();
    expect(() => secrets.accepted("db")).toThrow(expect.objectContaining({ code: "PERMISSION_DENIED" }));
    store.heal();
    await hint();
    await clock.advance(1_000);
    expect(accepted()).toEqual(["two", "one"]);
  });

  test("although versions of equal content followed", async () => {
    const { clock, rotate, accepted } = await client();
    await rotate("two");
    for (let n = 0; n < 5; n += 1) {
      await clock.advance(minute);
      await rotate("two");
    }
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(10 * minute);
    expect(accepted()).toEqual(["two"]);
  });

  test("although the file of the new one is older than the overlap, since this process saw the rotation", async () => {
    const { clock, rotate, accepted } = await client();
    await rotate("two", { createdAt: new Date(clock.now() - 24 * hour) });
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(14 * minute);
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(2 * minute);
    expect(accepted()).toEqual(["two"]);
  });

  test("and no longer, although the clock of the store is ahead", async () => {
    const { clock, rotate, accepted } = await client();
    await rotate("two", { createdAt: new Date(clock.now() + 24 * hour) });
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(16 * minute);
    expect(accepted()).toEqual(["two"]);
  });

  test("and no longer, although the wall clock is set back by a day", async () => {
    const { clock, rotate, accepted } = await client();
    await rotate("two");
    clock.jump(-24 * hour);
    await clock.advance(14 * minute);
    expect(accepted()).toEqual(["two", "one"]);
    await clock.advance(2 * minute);
    expect(accepted()).toEqual(["two"]);
  });

  test("and no longer, although the machine slept", async () => {
    const { clock, rotate, accepted } = await client();
    await rotate("two");
    clock.suspend(hour, { monotonicStops: true });
    expect(accepted()).toEqual(["two"]);
  });

  test("as the value before the present one, whatever was deleted between them", async () => {
    const { store, hint, rotate, accepted } = await client();
    await rotate("two");
    store.remove("db");
    await hint();
    await rotate("three");
    expect(accepted()).toEqual(["three", "two"]);
  });
});

test.each([0, 500])(
  "the store's previous version is that of the new value, also where `accept` is asynchronous (%d ms)",
  async (latencyMs) => {
    const accept = async (): Promise<boolean> => true;
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", overlap: "15m", accept } }), {
      supports: { subscribe: "local", versions: true },
    });
    store.set("db", "one");
    await secrets.ready();
    store.latencyMs = latencyMs;
    for (const [before, value] of [
      ["one", "two"],
      ["two", "three"],
      ["three", "four"],
    ] as const) {
      store.set("db", value);
      store.hint("db");
      await clock.advance(2_000);
      expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual([value, before]);
    }
  },
);

test("a version in between that `accept` refused is not accepted as the previous value, and one that it accepts later is", async () => {
  let isRight = false;
  const accept = (next: Secret): boolean => isRight || next.reveal() !== "wrong";
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", overlap: "15m", accept } }), {
    supports: { subscribe: "local", versions: true },
  });
  const accepted = (): readonly string[] => secrets.accepted("db").map((secret) => secret.reveal());
  const rotate = async (value: string): Promise<void> => {
    store.set("db", value);
    store.hint("db");
    await clock.advance(10);
  };
  store.set("db", "one");
  await secrets.ready();
  for (const value of ["wrong", "two"]) await rotate(value);
  expect(accepted()).toEqual(["two", "one"]);
  await rotate("wrong");
  isRight = true;
  await clock.advance(minute);
  expect(accepted()).toEqual(["wrong", "two"]);
  await rotate("three");
  expect(accepted()).toEqual(["three", "wrong"]);
});

test("a refused version is not accepted as the previous value although the one after it was refused at first, too", async () => {
  let isUp = false;
  const accept = (next: Secret): boolean => next.reveal() === "one" || (isUp && next.reveal() === "two");
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", overlap: "15m", accept } }), {
    supports: { subscribe: "local", versions: true },
  });
  store.set("db", "one");
  await secrets.ready();
  for (const value of ["wrong", "two"]) {
    store.set("db", value);
    store.hint("db");
    await clock.advance(10);
  }
  isUp = true;
  await clock.advance(minute);
  expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual(["two", "one"]);
});

describe("at the first load, where this process saw no rotation,", () => {
  test.each([
    [5 * minute, ["two", "one"]],
    [20 * minute, ["two"]],
  ])("the overlap counts from the creation %d ms ago", async (agoMs, expected) => {
    const { secrets, store, clock } = declaredClient(declared, { supports: { versions: true } });
    store.set("db", "one");
    store.set("db", "two", { createdAt: new Date(clock.now() - agoMs) });
    await secrets.ready();
    expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual(expected);
  });
});

test("the previous value leaves the memory when its overlap is over, though nobody asks", async () => {
  const { secrets, clock, rotate } = await client();
  const previous = new WeakRef(secrets.latest("db"));
  await rotate("two");
  await clock.advance(16 * minute);
  await turn();
  globalThis.gc?.();
  await turn();
  globalThis.gc?.();
  expect(previous.deref()).toBeUndefined();
  expect(secrets.latest("db").reveal()).toBe("two");
});
