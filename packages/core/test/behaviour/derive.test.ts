import { describe, expect, test } from "vitest";
import { declareSecrets, json, type Secret, type StandardSchemaV1 } from "../../src/index.ts";
import { declaredClient, nextPoll } from "../declared-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

const declared = declareSecrets({ db: { ref: "db" } });

async function client() {
  const made = declaredClient(declared, { supports: { subscribe: "local" } });
  made.store.set("db", "one");
  await made.secrets.ready();
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
  };
  return { ...made, rotate };
}

describe("a resource that cannot be opened", () => {
  test("is tried on one backoff, however often `ready` is called", async () => {
    const { secrets, clock } = await client();
    let opened = 0;
    secrets.derive("db", {
      open: () => {
        opened += 1;
        throw new Error("no pool");
      },
    });
    for (let n = 0; n < 60; n += 1) {
      void secrets.ready({ timeout: 500 }).catch(() => undefined);
      await clock.advance(1_000);
    }
    const before = opened;
    await clock.advance(600_000);
    expect(opened - before).toBeLessThanOrEqual(22);
  });

  test("is tried no more once its handle is closed", async () => {
    const { secrets, clock } = await client();
    let opened = 0;
    const derived = secrets.derive("db", {
      open: () => {
        opened += 1;
        throw new Error("no pool");
      },
    });
    await advanceUntil(clock, secrets.ready()).catch(() => undefined);
    await derived.close();
    const before = opened;
    await clock.advance(600_000);
    expect(opened).toBe(before);
  });

  test("is one of the problems that `ready` tells, for each of several", async () => {
    const { secrets, clock } = await client();
    for (const name of ["first", "second"])
      secrets.derive("db", {
        open: () => {
          throw new Error(name);
        },
      });
    const ready = settledOf(secrets.ready());
    await clock.advance(60_000);
    expect(ready.now).toMatchObject({ state: "rejected", error: { code: "NOT_READY" } });
    const { error } = ready.now as { error: { errors: readonly { code: string; reason?: string }[] } };
    const refused = error.errors.filter(({ code, reason }) => code === "REFUSED" && reason === "threw");
    expect(refused).toHaveLength(2);
  });

  test("and another secret's that cannot either are both told", async () => {
    const two = declareSecrets({ db: { ref: "db" }, mq: { ref: "mq" } });
    const { secrets, store, clock } = declaredClient(two);
    store.set("db", "one");
    store.set("mq", "one");
    for (const alias of ["db", "mq"] as const)
      secrets.derive(alias, {
        open: () => {
          throw new Error("no pool");
        },
      });
    const ready = settledOf(secrets.ready());
    await clock.advance(60_000);
    const { error } = ready.now as { error: { errors: readonly { reference?: string }[] } };
    expect(new Set(error.errors.map(({ reference }) => reference))).toEqual(new Set(["db", "mq"]));
  });
});

describe("a handle that is closed while its `open` hangs", () => {
  test("keeps the new value from nobody", async () => {
    const { secrets, clock, rotate } = await client();
    const hanging = secrets.derive("db", {
      open: (secret) => (secret.reveal() === "one" ? "one" : new Promise<string>(() => undefined)),
    });
    const other = secrets.derive("db", { open: (secret) => secret.reveal() });
    await secrets.ready();
    await rotate("two");
    await clock.advance(1_000);
    await hanging.close();
    await clock.advance(1_000);
    expect(secrets.latest("db").reveal()).toBe("two");
    expect(other.current).toBe("two");
  });

  test("has what opens late closed", async () => {
    const { secrets, clock, rotate } = await client();
    const late = Promise.withResolvers<string>();
    const closed: string[] = [];
    const derived = secrets.derive("db", {
      open: (secret) => (secret.reveal() === "one" ? "one" : late.promise),
      close: (resource) => void closed.push(resource),
    });
    await secrets.ready();
    await rotate("two");
    await derived.close();
    await clock.flush();
    late.resolve("two");
    await clock.advance(1_000);
    expect(closed.sort()).toEqual(["one", "two"]);
    expect(secrets.latest("db").reveal()).toBe("two");
  });
});

class Key {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  get text(): string {
    return this.#text;
  }
}

const keys: StandardSchemaV1<unknown, Key> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: new Key(String(value)) }) },
};

describe("equal content is opened once, where it is an instance of a class,", () => {
  async function keyClient() {
    const made = declaredClient(declareSecrets({ db: { ref: "db", as: json(keys) } }), {
      supports: { subscribe: "local" },
    });
    const set = async (value: string): Promise<void> => {
      made.store.set("db", JSON.stringify(value));
      made.store.hint("db");
      await made.clock.flush();
    };
    made.store.set("db", '"one"');
    const opened: string[] = [];
    made.secrets.derive("db", { open: (secret: Secret<Key>) => opened.push(secret.reveal().text) });
    await made.secrets.ready();
    return { ...made, set, opened };
  }

  test("over new versions and calls of `ready`", async () => {
    const { secrets, clock, set, opened } = await keyClient();
    for (let n = 0; n < 6; n += 1) {
      await set("one");
      await advanceUntil(clock, secrets.ready());
      await nextPoll({ clock });
    }
    expect(opened).toEqual(["one"]);
    await set("two");
    expect(opened).toEqual(["one", "two"]);
  });

  test("when a new version of it arrives while it is opened", async () => {
    const { secrets, clock, set } = await keyClient();
    const opening = Promise.withResolvers<void>();
    const calls: string[] = [];
    const derived = secrets.derive("db", {
      open: async (secret: Secret<Key>) => {
        calls.push("open");
        await opening.promise;
        return secret.reveal().text;
      },
      close: () => void calls.push("close"),
    });
    await set("one");
    opening.resolve();
    await clock.flush();
    expect(derived.current).toBe("one");
    expect(calls).toEqual(["open"]);
  });

  test("over a deletion and a return", async () => {
    const { secrets, store, clock, set, opened } = await keyClient();
    store.remove("db");
    store.hint("db");
    await clock.flush();
    await set("one");
    await advanceUntil(clock, secrets.ready());
    expect(opened).toEqual(["one"]);
  });
});

describe("a candidate that is wanted no more in the very moment in which it is accepted", () => {
  /** A reading is on its way when the verdict comes, some turns before or after it. */
  test.each([
    ["the store went back to the present value", false],
    ["the secret was deleted", true],
  ])("is not left as the present value: %s", async (_, isDeleted) => {
    for (let turns = 0; turns < 40; turns += 1) {
      const verdict = Promise.withResolvers<boolean>();
      const accept = (next: Secret): boolean | Promise<boolean> => next.reveal() === "one" || verdict.promise;
      const choosy = declareSecrets({ db: { ref: "db", accept, optional: true } });
      const { secrets, store, clock } = declaredClient(choosy, { supports: { subscribe: "local" } });
      store.set("db", "one");
      await secrets.ready();
      store.set("db", "two");
      store.hint("db");
      await clock.flush();
      if (isDeleted) store.remove("db");
      else store.set("db", "one");
      store.hint("db");
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      verdict.resolve(true);
      await clock.advance(1_000);
      expect(secrets.latest("db")?.reveal(), `${turns} turns`).toBe(isDeleted ? undefined : "one");
      await secrets.close();
    }
  });
});
