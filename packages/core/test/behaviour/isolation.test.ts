import { describe, expect, test } from "vitest";
import { declareSecrets, json, type Secret, type SecretChange, type StandardSchemaV1 } from "../../src/index.ts";
import { declaredClient, pollMs } from "../declared-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

interface Key {
  readonly pem: string;
  readonly key: string;
}

/** A schema whose value is parsed when it is looked at, which fails for "bad": what a lazy transform of a library makes. */
const lazily: StandardSchemaV1<unknown, Key> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({
      value: {
        pem: String(value),
        get key() {
          if (value === "bad") throw new TypeError("not a PEM");
          return `key of ${value}`;
        },
      },
    }),
  },
};

const lazy = declareSecrets({ db: { ref: "db", as: json(lazily) } });

async function lazyClient() {
  const made = declaredClient(lazy, { supports: { subscribe: "local" } });
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", JSON.stringify(value));
    made.store.hint("db");
    await made.clock.flush();
  };
  made.store.set("db", '"one"');
  await made.secrets.ready();
  return { ...made, rotate };
}

type LazyClient = Awaited<ReturnType<typeof lazyClient>>;

/** Everything goes on: polls, fresh reads, changes. */
async function expectAlive({ secrets, store, clock, rotate }: LazyClient): Promise<void> {
  const told: string[] = [];
  secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal().pem));
  await clock.flush();
  const before = store.reads.length;
  await clock.advance(10 * pollMs);
  expect(store.reads.length).toBeGreaterThanOrEqual(before + 8);
  await rotate("good");
  expect(secrets.latest("db").reveal().pem).toBe("good");
  expect(told).toEqual(["good"]);
  expect((await secrets.getSecret("db", { freshness: "fresh" })).reveal().pem).toBe("good");
}

describe("a revealed value with a getter that throws", () => {
  test("stops nothing while a listener is slow", async () => {
    const made = await lazyClient();
    const busy = Promise.withResolvers<void>();
    const told: string[] = [];
    made.secrets.watch("db").on("change", async ({ current }) => {
      told.push(current.reveal().pem);
      await busy.promise;
    });
    await made.clock.flush();
    for (const value of ["two", "three", "bad", "four", "bad", "five"]) await made.rotate(value);
    busy.resolve();
    await made.clock.flush();
    expect(told).toEqual(["two", "five"]);
    await expectAlive(made);
  });

  test("stops nothing while an iterator is slow", async () => {
    const made = await lazyClient();
    const iterator = made.secrets.watch("db")[Symbol.asyncIterator]();
    await made.clock.flush();
    for (const value of ["two", "bad", "three", "bad"]) await made.rotate(value);
    const { value } = (await iterator.next()) as IteratorYieldResult<SecretChange<Key>>;
    expect(value.current.reveal().pem).toBe("bad");
    await expectAlive(made);
  });

  test("stops nothing that is derived", async () => {
    const made = await lazyClient();
    const derived = made.secrets.derive("db", { open: (secret) => secret.reveal().pem });
    await made.secrets.ready();
    for (const value of ["two", "bad", "three", "bad"]) await made.rotate(value);
    const late = made.secrets.derive("db", { open: (secret) => secret.reveal().pem });
    await advanceUntil(made.clock, made.secrets.ready());
    expect([derived.current, late.current]).toEqual(["bad", "bad"]);
    await expectAlive(made);
  });

  test("does not throw out of `equals`", async () => {
    const { secrets, rotate } = await lazyClient();
    const one = secrets.latest("db");
    await rotate("bad");
    const bad = secrets.latest("db");
    expect(bad.equals(one)).toBe(false);
    expect(one.equals(bad)).toBe(false);
    expect(bad.equals(bad)).toBe(true);
  });

  test("does not throw out of the events of a version with equal bytes", async () => {
    const made = await lazyClient();
    await made.rotate("bad");
    await made.rotate("bad");
    await made.clock.advance(2 * pollMs);
    expect(made.eventsOf("change")).toHaveLength(2);
    await expectAlive(made);
  });
});

class Foreign extends Error {}
const boom = (): never => {
  throw new Foreign("s3cret-fixture");
};
const explosive = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getOwnPropertyDescriptor: boom });
/** What `await` looks for. */
const hook = "then";
const plain = declareSecrets({ db: { ref: "db" } });

async function client(declared: typeof plain = plain) {
  const made = declaredClient(declared, { supports: { subscribe: "local" } });
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
  };
  made.store.set("db", "one");
  await made.secrets.ready();
  return { ...made, rotate };
}

/** Ways in which code of an application fails. */
const failures: readonly (readonly [string, () => unknown])[] = [
  ["throws", boom],
  [
    "throws something that cannot be looked at",
    () => {
      throw explosive;
    },
  ],
  ["rejects", () => Promise.reject(new Foreign("s3cret-fixture"))],
  ["rejects with undefined", () => Promise.reject(undefined)],
  ["returns a thenable that throws", () => Object.defineProperty({}, hook, { value: boom })],
  ["returns something whose `then` cannot be read", () => Object.defineProperty({}, hook, { get: boom })],
];

describe.each(failures)("code of the application that %s", (_, fail) => {
  test("as a change listener keeps nothing from the others, and is reported", async () => {
    const { secrets, rotate, clock, eventsOf } = await client();
    const told: string[] = [];
    const watch = secrets.watch("db");
    watch.on("change", fail);
    watch.on("change", ({ current }) => void told.push(current.reveal()));
    secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal()));
    await clock.flush();
    await rotate("two");
    await rotate("three");
    expect(told).toEqual(["two", "two", "three", "three"]);
    expect(eventsOf("listener-failed").length).toBeGreaterThanOrEqual(2);
  });

  test.each(["error", "delete"] as const)("as a listener for `%s` keeps nothing from the others", async (event) => {
    const { secrets, store, rotate, clock, eventsOf } = await client();
    let told = 0;
    const watch = secrets.watch("db");
    watch.on(event as "error", fail);
    watch.on(event as "error", () => {
      told += 1;
    });
    await clock.flush();
    if (event === "error") store.fail("PERMISSION_DENIED");
    else store.remove("db");
    store.hint("db");
    await clock.flush();
    expect(told).toBe(1);
    expect(eventsOf("listener-failed")).toHaveLength(1);
    store.heal();
    await rotate("two");
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("as a listener for events keeps nothing from the others", async () => {
    const { secrets, rotate, eventsOf } = await client();
    const told: string[] = [];
    secrets.events.on("change", fail as () => void);
    secrets.events.on("read", fail as () => void);
    secrets.events.on("listener-failed", fail as () => void);
    secrets.events.on("change", ({ reason }) => void told.push(reason));
    await rotate("two");
    await rotate("three");
    expect(told).toEqual(["rotated", "rotated"]);
    expect(secrets.latest("db").reveal()).toBe("three");
    expect(eventsOf("listener-failed").length).toBeGreaterThanOrEqual(2);
  });

  test("as `accept` is a refusal", async () => {
    const accept = (next: Secret): boolean => (next.reveal() === "bad" ? (fail() as boolean) : true);
    const { secrets, rotate, clock, eventsOf } = await client(declareSecrets({ db: { ref: "db", accept } }) as never);
    await rotate("bad");
    await clock.advance(100);
    expect(secrets.latest("db").reveal()).toBe("one");
    expect(eventsOf("refused")).toHaveLength(1);
    await rotate("two");
    await clock.advance(100);
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("as `open` is a refusal", async () => {
    const { secrets, rotate, clock } = await client();
    const derived = secrets.derive("db", {
      open: (secret): unknown => (secret.reveal() === "bad" ? fail() : secret.reveal()),
    });
    await secrets.ready();
    await rotate("bad");
    await clock.advance(100);
    expect(derived.current).toBe("one");
    expect(secrets.latest("db").reveal()).toBe("one");
    await rotate("two");
    await clock.advance(100);
    expect(derived.current).toBe("two");
  });

  test("as `close` of a resource is reported and keeps nothing from the others", async () => {
    const { secrets, rotate, clock, eventsOf } = await client();
    const closed: string[] = [];
    secrets.derive("db", { open: (secret) => secret.reveal(), close: fail, grace: 1_000 });
    secrets.derive("db", {
      open: (secret) => secret.reveal(),
      close: (resource) => void closed.push(resource),
      grace: 1_000,
    });
    await secrets.ready();
    await rotate("two");
    await clock.advance(2_000);
    expect(closed).toEqual(["one"]);
    expect(eventsOf("listener-failed")).toHaveLength(1);
    await secrets.close();
    expect(closed).toEqual(["one", "two"]);
  });

  test("as a schema refuses that value alone", async () => {
    const schema: StandardSchemaV1<unknown, string> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => (value === "bad" ? (fail() as never) : { value: String(value) }),
      },
    };
    const declared = declareSecrets({ db: { ref: "db", as: json(schema) } });
    const { secrets, store, clock } = declaredClient(declared, { supports: { subscribe: "local" } });
    store.set("db", '"one"');
    await secrets.ready();
    for (const [value, served] of [
      ["bad", "one"],
      ["two", "two"],
    ] as const) {
      store.set("db", JSON.stringify(value));
      store.hint("db");
      await clock.advance(100);
      expect(secrets.latest("db").reveal()).toBe(served);
    }
  });

  test("as a decoder of one's own refuses that value alone", async () => {
    const decoder = {
      kind: "text",
      decode: (content: { bytes: Uint8Array }) => {
        const bytes = Buffer.from(content.bytes);
        return bytes.toString() === "bad" ? fail() : { kind: "text", bytes };
      },
    };
    const { secrets, rotate, clock } = await client(
      declareSecrets({ db: { ref: "db", as: decoder as never } }) as never,
    );
    await rotate("bad");
    await clock.advance(100);
    expect(secrets.latest("db").reveal()).toBe("one");
    const fresh = settledOf(secrets.getSecret("db", { freshness: "fresh" }));
    await clock.advance(100);
    expect(fresh.now).toMatchObject({ state: "rejected", error: { name: "SecretError", code: "REFUSED" } });
    await rotate("two");
    await clock.advance(100);
    expect(secrets.latest("db").reveal()).toBe("two");
  });
});
