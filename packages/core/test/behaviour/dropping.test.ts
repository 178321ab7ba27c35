import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, test } from "vitest";
import { type DeriveOptions, declareSecrets, type Secret, type SecretEvent } from "../../src/index.ts";
import { declaredClient, factsOf, nextPoll } from "../declared-client.ts";
import { advanceUntil, settledOf } from "../scripted-client.ts";

const plain = declareSecrets({ db: { ref: "db" } });
const overlapping = declareSecrets({ db: { ref: "db", overlap: "1h" } });
const dropped = expect.objectContaining({ code: "NOT_READY", reason: "dropped" });

/** A client that holds "one", and what it told of drops. */
async function client(
  declared: typeof plain | typeof overlapping = plain,
  options: Parameters<typeof declaredClient>[1] = {},
) {
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: false }, ...options });
  const drops: Extract<SecretEvent, { type: "drop" }>[] = [];
  made.secrets.events.on("drop", (event) => void drops.push(event));
  made.store.set("db", "one");
  await made.secrets.ready();
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
  };
  return { ...made, rotate, drops };
}

/** A derived resource named after its value, and what happened to it. */
function recording(overrides: Partial<DeriveOptions<string, string>> = {}) {
  const log: string[] = [];
  const options: DeriveOptions<string, string> = {
    open: (secret) => {
      log.push(`open ${secret.reveal()}`);
      return secret.reveal();
    },
    close: (resource) => void log.push(`close ${resource}`),
    ...overrides,
  };
  return { log, options };
}

describe("the Secret that leaked is dropped", () => {
  test("while it is the present value: nothing is served until there is other content", async () => {
    const { secrets, rotate } = await client();
    const leaked = secrets.latest("db");
    secrets.invalidate("db", { drop: leaked });
    expect(() => secrets.latest("db")).toThrow(dropped);
    await rotate("one");
    expect(() => secrets.latest("db")).toThrow(dropped);
    await rotate("two");
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("after a reload: the good present value goes on being served, without a gap", async () => {
    const { secrets, rotate, store, clock } = await client();
    await rotate("leaked");
    const leaked = secrets.latest("db");
    await rotate("good");
    store.hangs = true;
    secrets.invalidate("db", { drop: leaked });
    expect(secrets.latest("db").reveal()).toBe("good");
    await clock.advance(15_000);
    expect(secrets.latest("db").reveal()).toBe("good");
    expect(secrets.health().status).not.toBe("down");
  });

  test("after a reload: its content is refused when it comes back", async () => {
    const { secrets, rotate } = await client();
    await rotate("leaked");
    const leaked = secrets.latest("db");
    await rotate("good");
    secrets.invalidate("db", { drop: leaked });
    await rotate("leaked");
    expect(secrets.latest("db").reveal()).toBe("good");
    expect(secrets.health().secrets[0]).toMatchObject({ code: "INVALID_VALUE", reason: "dropped" });
    await rotate("good");
    expect(secrets.latest("db").reveal()).toBe("good");
  });

  test("long after other values followed it", async () => {
    const { secrets, rotate } = await client();
    const leaked = secrets.latest("db");
    for (const value of ["two", "three", "four", "five"]) await rotate(value);
    secrets.invalidate("db", { drop: leaked });
    await rotate("one");
    expect(secrets.latest("db").reveal()).toBe("five");
    await rotate("four");
    expect(secrets.latest("db").reveal()).toBe("four");
  });

  test("and is accepted no more, while the present value is", async () => {
    const { secrets, rotate } = await client(overlapping);
    const leaked = secrets.latest("db");
    await rotate("good");
    expect(secrets.accepted("db")).toHaveLength(2);
    secrets.invalidate("db", { drop: leaked });
    expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual(["good"]);
  });

  test("and does not come back as the previous version of the store", async () => {
    const { secrets, rotate, clock } = await client(overlapping, { supports: { subscribe: "local", versions: true } });
    const leaked = secrets.latest("db");
    await rotate("good");
    secrets.invalidate("db", { drop: leaked });
    await advanceUntil(clock, secrets.ready());
    await nextPoll({ clock });
    expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual(["good"]);
  });

  test("from what `accept` is being asked about", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const asked: Secret[] = [];
    const declared = declareSecrets({
      db: {
        ref: "db",
        accept: (next) => {
          asked.push(next);
          return next.reveal() !== "leaked" || verdict.promise;
        },
      },
    });
    const { secrets, rotate, clock } = await client(declared as never);
    await rotate("leaked");
    secrets.invalidate("db", { drop: asked.at(-1) as Secret });
    verdict.resolve(true);
    await clock.advance(1_000);
    expect(secrets.latest("db").reveal()).toBe("one");
    await nextPoll({ clock });
    expect(secrets.latest("db").reveal()).toBe("one");
  });

  test("from what was refused and would be offered again", async () => {
    let refuses = true;
    const asked: Secret[] = [];
    const declared = declareSecrets({
      db: {
        ref: "db",
        accept: (next) => {
          asked.push(next);
          return next.reveal() !== "leaked" || !refuses;
        },
      },
    });
    const { secrets, rotate, clock } = await client(declared as never);
    await rotate("leaked");
    secrets.invalidate("db", { drop: asked.at(-1) as Secret });
    refuses = false;
    await clock.advance(180_000);
    expect(secrets.latest("db").reveal()).toBe("one");
  });

  test("of an undeclared reference", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}));
    store.set("free", "leaked");
    const leaked = await secrets.getSecret("free");
    secrets.invalidate("free", { drop: leaked });
    const reading = settledOf(secrets.getSecret("free"));
    await clock.advance(2_000);
    expect(reading.now.state).toBe("pending");
    store.set("free", "good");
    await clock.advance(10_000);
    expect(reading.now).toMatchObject({ state: "resolved" });
  });

  test("only where it is a Secret: anything else is an error, not a silent success", async () => {
    const { secrets } = await client();
    const noSecret = expect.objectContaining({ code: "INVALID_CONFIG" });
    expect(() => secrets.invalidate("db", { drop: "one" as never })).toThrow(noSecret);
    expect(() => secrets.invalidate("db", { drop: {} as never })).toThrow(noSecret);
    expect(secrets.latest("db").reveal()).toBe("one");
  });
});

describe("everything under a name is dropped with `drop: true`", () => {
  test("the value before the present one too, without any overlap", async () => {
    const { secrets, rotate } = await client();
    await rotate("leaked");
    await rotate("good");
    secrets.invalidate("db", { drop: true });
    await rotate("leaked");
    expect(() => secrets.latest("db")).toThrow(dropped);
    await rotate("good");
    expect(() => secrets.latest("db")).toThrow(dropped);
    await rotate("new");
    expect(secrets.latest("db").reveal()).toBe("new");
    await rotate("leaked");
    expect(secrets.latest("db").reveal()).toBe("new");
  });

  test("also what `accept` is being asked about", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const accept = (next: Secret): boolean | Promise<boolean> => next.reveal() !== "candidate" || verdict.promise;
    const { secrets, rotate, clock } = await client(declareSecrets({ db: { ref: "db", accept } }) as never);
    await rotate("candidate");
    secrets.invalidate("db", { drop: true });
    verdict.resolve(true);
    await clock.advance(5_000);
    expect(() => secrets.latest("db")).toThrow(dropped);
    await rotate("new");
    expect(secrets.latest("db").reveal()).toBe("new");
  });

  test("also what was refused and would be offered again", async () => {
    let refuses = true;
    const accept = (next: Secret): boolean => next.reveal() !== "candidate" || !refuses;
    const { secrets, rotate, clock } = await client(declareSecrets({ db: { ref: "db", accept } }) as never);
    await rotate("candidate");
    secrets.invalidate("db", { drop: true });
    refuses = false;
    await clock.advance(180_000);
    expect(() => secrets.latest("db")).toThrow(dropped);
  });
});

describe("a change that waits for a slow consumer", () => {
  test.each(["the Secret", "true"])("is not told to a listener once its value was dropped (by %s)", async (by) => {
    const { secrets, rotate, clock } = await client();
    const busy = Promise.withResolvers<void>();
    const told: string[] = [];
    secrets.watch("db").on("change", async ({ current }) => {
      told.push(current.reveal());
      if (current.reveal() === "two") await busy.promise;
    });
    await clock.flush();
    await rotate("two");
    await rotate("leaked");
    secrets.invalidate("db", { drop: by === "true" ? true : secrets.latest("db") });
    busy.resolve();
    await clock.flush();
    expect(told).toEqual(["two"]);
    await rotate("good");
    expect(told).toEqual(["two", "good"]);
  });

  test.each(["the Secret", "true"])("is not handed to an iterator once its value was dropped (by %s)", async (by) => {
    const { secrets, rotate, clock } = await client();
    const iterator = secrets.watch("db")[Symbol.asyncIterator]();
    await clock.flush();
    await iterator.next();
    await rotate("leaked");
    secrets.invalidate("db", { drop: by === "true" ? true : secrets.latest("db") });
    const next = settledOf(iterator.next());
    await clock.flush();
    expect(next.now.state).toBe("pending");
    await rotate("good");
    expect((next.now as { value: IteratorYieldResult<{ current: Secret }> }).value.value.current.reveal()).toBe("good");
  });

  test("is told without the dropped value as the previous one", async () => {
    const { secrets, rotate, clock } = await client();
    const busy = Promise.withResolvers<void>();
    const told: unknown[] = [];
    secrets.watch("db").on("change", async ({ current, previous }) => {
      told.push([current.reveal(), previous?.reveal()]);
      if (current.reveal() === "leaked") await busy.promise;
    });
    await clock.flush();
    await rotate("leaked");
    const leaked = secrets.latest("db");
    await rotate("good");
    secrets.invalidate("db", { drop: leaked });
    busy.resolve();
    await clock.flush();
    expect(told).toEqual([
      ["leaked", "one"],
      ["good", undefined],
    ]);
  });

  test("is not the `initial` one of a listener that came just before the drop", async () => {
    const { secrets, clock } = await client();
    const watch = secrets.watch("db");
    await watch.ready;
    const told: string[] = [];
    watch.on("change", ({ current }) => void told.push(current.reveal()), { initial: true });
    secrets.invalidate("db", { drop: true });
    await clock.flush();
    expect(told).toEqual([]);
  });
});

describe("a drop by somebody who is being told", () => {
  test("keeps the value from the listeners after it", async () => {
    const { secrets, rotate, clock } = await client();
    const told: string[] = [];
    const watch = secrets.watch("db");
    watch.on("change", ({ current }) => {
      told.push(`first ${current.reveal()}`);
      if (current.reveal() === "leaked") secrets.invalidate("db", { drop: current });
    });
    watch.on("change", ({ current }) => void told.push(`second ${current.reveal()}`));
    secrets.watch("db").on("change", ({ current }) => void told.push(`third ${current.reveal()}`));
    await clock.flush();
    await rotate("leaked");
    expect(told).toEqual(["first leaked"]);
    await rotate("good");
    expect(told).toEqual(["first leaked", "first good", "second good", "third good"]);
  });

  test("keeps the value from every watch, when an event listener does it", async () => {
    const { secrets, rotate, clock } = await client();
    const told: string[] = [];
    secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal()));
    await clock.flush();
    secrets.events.on("change", () => secrets.invalidate("db", { drop: true }));
    await rotate("leaked");
    expect(told).toEqual([]);
    expect(() => secrets.latest("db")).toThrow(dropped);
  });

  test("keeps the value from the resources, when `accept` does it", async () => {
    const holder: { secrets?: Awaited<ReturnType<typeof client>>["secrets"] } = {};
    let drops = 0;
    const accept = (next: Secret): void => {
      if (next.reveal() === "leaked" && drops++ === 0) holder.secrets?.invalidate("db", { drop: next });
    };
    const { secrets, rotate, clock } = await client(declareSecrets({ db: { ref: "db", accept } }) as never);
    holder.secrets = secrets;
    const { log, options } = recording();
    secrets.derive("db", options);
    await secrets.ready();
    await rotate("leaked");
    await clock.advance(1_000);
    expect(log).toEqual(["open one"]);
    expect(secrets.latest("db").reveal()).toBe("one");
  });
});

test("a drop is an event, with the reference and the version and nothing of the value", async () => {
  const { secrets, rotate, drops } = await client();
  const published: unknown[] = [];
  const note = (message: unknown): void => void published.push(message);
  subscribe("tacit:drop", note);
  const leaked = secrets.latest("db");
  await rotate("good");
  secrets.invalidate("db");
  expect(drops).toEqual([]);
  secrets.invalidate("db", { drop: leaked });
  unsubscribe("tacit:drop", note);
  expect(drops.map(factsOf)).toEqual([{ type: "drop", reference: "db", version: leaked.meta.version }]);
  expect(published).toEqual(drops);
  const { version } = secrets.latest("db").meta;
  secrets.invalidate("db", { drop: true });
  expect(drops.map(factsOf).at(-1)).toEqual({ type: "drop", reference: "db", version });
});
