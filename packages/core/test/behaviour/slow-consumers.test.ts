import { describe, expect, test } from "vitest";
import { declareSecrets, type Secret, type SecretChange } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { settledOf } from "../scripted-client.ts";

const minute = 60_000;

async function client(config: Readonly<Record<string, unknown>> = {}) {
  const declared = declareSecrets({ db: { ref: "db", overlap: "1h" }, maybe: { ref: "maybe", optional: true } });
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: false }, config });
  const rotate = async (value: string, facts: { readonly expiresAt?: Date } = {}): Promise<void> => {
    for (const path of ["db", "maybe"]) made.store.set(path, value, facts);
    await hint();
  };
  const hint = async (): Promise<void> => {
    for (const path of ["db", "maybe"]) made.store.hint(path);
    await made.clock.flush();
  };
  await rotate("one");
  await made.secrets.ready();
  return { ...made, rotate, hint };
}

type Client = Awaited<ReturnType<typeof client>>;

const told = ({ current, previous, reason }: SecretChange<string>) => [previous?.reveal(), current.reveal(), reason];

/** A listener and a loop that are busy with "one" while "two" arrives. */
async function busyWith(made: Client, rotateToTwo: () => Promise<void>) {
  const watch = made.secrets.watch("db");
  const heard: unknown[] = [];
  const busy = Promise.withResolvers<void>();
  watch.on(
    "change",
    (change) => {
      heard.push(told(change));
      return busy.promise;
    },
    { initial: true },
  );
  const iterator = watch[Symbol.asyncIterator]();
  await iterator.next();
  await rotateToTwo();
  const looped: unknown[] = [];
  const finish = async (): Promise<void> => {
    busy.resolve();
    void iterator.next().then(({ value }) => void looped.push(told(value)));
    await made.clock.flush();
  };
  return { heard, looped, finish };
}

const blocks: readonly (readonly [string, (made: Client) => unknown, (made: Client) => unknown])[] = [
  ["it was denied, under `throw`", ({ store }) => store.fail("PERMISSION_DENIED"), ({ store }) => store.heal()],
  [
    "its store fails for longer than `maxStale`",
    async ({ store, clock }) => {
      store.fail("UNAVAILABLE");
      await clock.advance(20 * minute);
    },
    ({ store }) => store.heal(),
  ],
];

describe("a change that waits for a slow consumer", () => {
  test.each(blocks)("is withheld while its value may not be served: %s", async (_, block, unblock) => {
    const made = await client({ onDenied: "throw", cache: { maxStale: "10m" } });
    const { heard, looped, finish } = await busyWith(made, () => made.rotate("two"));
    await block(made);
    await made.hint();
    await made.clock.advance(minute);
    expect(() => made.secrets.latest("db")).toThrow();
    await finish();
    expect(heard).toEqual([[undefined, "one", "initial"]]);
    expect(looped).toEqual([]);
    await unblock(made);
    await made.clock.advance(5 * minute);
    expect(heard.slice(1)).toEqual([["one", "two", "rotated"]]);
    expect(looped).toEqual([["one", "two", "rotated"]]);
  });

  test("is not delivered past the end of its value, and the next one follows what was seen", async () => {
    const made = await client();
    const expiresAt = new Date(made.clock.now() + minute);
    const { heard, looped, finish } = await busyWith(made, () => made.rotate("two", { expiresAt }));
    made.store.fail("UNAVAILABLE");
    made.clock.suspend(2 * minute);
    await finish();
    expect(looped).toEqual([]);
    made.store.heal();
    await made.rotate("three");
    await made.clock.advance(5 * minute);
    expect(looped).toEqual([["one", "three", "rotated"]]);
    expect(heard.slice(1)).toEqual(looped);
  });

  test("of an optional secret is not delivered once that is gone, and its return is", async () => {
    const made = await client();
    const iterator = made.secrets.watch("maybe")[Symbol.asyncIterator]();
    await iterator.next();
    await made.rotate("two");
    made.store.remove("maybe");
    await made.hint();
    expect(made.secrets.latest("maybe")).toBeUndefined();
    const next = settledOf(iterator.next());
    await made.clock.flush();
    expect(next.now.state).toBe("pending");
    await made.rotate("two");
    const { value } = (next.now as { value: IteratorResult<SecretChange<string>> }).value as { value: never };
    expect(told(value)).toEqual(["one", "two", "recreated"]);
  });
});

describe("the value before is dropped while a change is told", () => {
  test.each<[string, (made: Client, drop: () => void) => void]>([
    ["by a listener of the same watch", ({ secrets }, drop) => void secrets.watch("db").on("change", drop)],
    ["by a listener for the event", ({ secrets }, drop) => void secrets.events.on("change", drop)],
  ])("%s: nobody after it gets that, nor is it accepted", async (_, listen) => {
    const made = await client();
    const { secrets } = made;
    const leaked: Secret = secrets.latest("db");
    listen(made, () => secrets.invalidate("db", { drop: leaked }));
    const heard: unknown[] = [];
    for (let n = 0; n < 2; n += 1) secrets.watch("db").on("change", (change) => void heard.push(told(change)));
    await made.rotate("two");
    expect(heard).toEqual(Array.from({ length: 2 }, () => [undefined, "two", "rotated"]));
    expect(secrets.accepted("db").map((secret) => secret.reveal())).toEqual(["two"]);
  });

  test("by one of two listeners of one watch: the other does not get it", async () => {
    const { secrets, rotate } = await client();
    const watch = secrets.watch("db");
    const heard: unknown[] = [];
    watch.on("change", ({ previous }) => secrets.invalidate("db", { drop: previous as Secret }));
    watch.on("change", (change) => void heard.push(told(change)));
    await rotate("two");
    expect(heard).toEqual([[undefined, "two", "rotated"]]);
  });
});

test("a handle whose first value is dropped before it is delivered begins with the next one as its `initial`", async () => {
  const { secrets, rotate } = await client();
  const watch = secrets.watch("db");
  const iterator = watch[Symbol.asyncIterator]();
  const heard: unknown[] = [];
  watch.on("change", (change) => void heard.push(told(change)), { initial: true });
  secrets.invalidate("db", { drop: true });
  await rotate("two");
  expect(told((await iterator.next()).value)).toEqual([undefined, "two", "initial"]);
  expect(heard).toEqual([[undefined, "two", "initial"]]);
});

test("a consumer whose waiting change was dropped is told nothing while it is back at what it saw, and then what follows that", async () => {
  const { secrets, rotate } = await client();
  const iterator = secrets.watch("db")[Symbol.asyncIterator]();
  await iterator.next();
  await rotate("leaked");
  secrets.invalidate("db", { drop: secrets.latest("db") });
  await rotate("one");
  const next = settledOf(iterator.next());
  await Promise.resolve();
  expect(next.now.state).toBe("pending");
  await rotate("two");
  expect(next.now).toMatchObject({ state: "resolved" });
  expect(told((next.now as { value: IteratorResult<SecretChange<string>> }).value.value)).toEqual([
    "one",
    "two",
    "rotated",
  ]);
});
