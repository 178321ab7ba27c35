import { describe, expect, test } from "vitest";
import type { ReadRequest } from "../../src/contract/contract.ts";
import { latest, scriptedClient } from "../scripted-client.ts";

const boom = (): never => {
  throw new TypeError("s3cret-fixture");
};
const explosive = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getOwnPropertyDescriptor: boom });
/** What `await` looks for. */
const hook = "then";
const rejecting: Promise<never> = Promise.reject(new TypeError("s3cret-fixture"));
rejecting.catch(() => undefined);
const pollMs = 60_000;

/** A client of three secrets whose store answers calls for several paths as the test says. */
async function client(manyScript: (requests: readonly ReadRequest[]) => unknown) {
  const declare = Object.fromEntries(["a", "b", "c"].map((name) => [name, { ref: name }])) as never;
  const made = scriptedClient({ stores: ["store"], declare });
  made.store.supports = { ...made.store.supports, batch: 10 };
  for (const name of ["a", "b", "c"]) made.store.set(name, "one");
  await made.secrets.ready();
  for (const name of ["a", "b", "c"]) made.store.set(name, "two");
  made.store.manyScript = manyScript;
  const values = (): readonly string[] => ["a", "b", "c"].map((name) => latest(made.secrets, name));
  const codes = (): readonly (string | undefined)[] => made.secrets.health().secrets.map(({ code }) => code);
  return { ...made, values, codes };
}

const good = (path: string): unknown => ({
  status: "ok",
  version: "2",
  payload: { kind: "value", bytes: Buffer.from(`two of ${path}`) },
});
const others = (place: unknown) => (requests: readonly ReadRequest[]) =>
  requests.map(({ path }) => (path === "b" ? place : good(path)));

describe("of several answers", () => {
  test.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "s3cret-fixture"],
    ["an error that is no SecretError", new TypeError("s3cret-fixture")],
    ["something that cannot be looked at", explosive],
    ["a promise that rejects", rejecting],
    ["something that never answers to await", Object.defineProperty({}, hook, { value: () => undefined })],
    ["a payload that is none", { status: "ok", version: "2", payload: 5 }],
    ["a status that is none", { status: "fine", version: "2" }],
  ])("one that is %s is a fault of the adapter, and spoils no other", async (_, place) => {
    const { clock, values, codes, eventsOf } = await client(others(place));
    await clock.advance(pollMs / 2 + 1);
    expect(values()).toEqual(["two of a", "one", "two of c"]);
    expect(codes()).toEqual([undefined, "INTERNAL", undefined]);
    expect(JSON.stringify(eventsOf("error"))).not.toContain("s3cret");
  });

  test("a hole is a fault of the adapter, and spoils no other", async () => {
    const { clock, values, codes } = await client((requests) => {
      const answers = Array(3);
      for (const [index, { path }] of requests.entries()) if (path !== "b") answers[index] = good(path);
      return answers;
    });
    await clock.advance(pollMs / 2 + 1);
    expect(values()).toEqual(["two of a", "one", "two of c"]);
    expect(codes()).toEqual([undefined, "INTERNAL", undefined]);
  });
});

describe("in place of the answers", () => {
  test.each<readonly [string, (requests: readonly ReadRequest[]) => unknown]>([
    ["a number", () => 5],
    ["too few", (requests) => requests.slice(1).map(({ path }) => good(path))],
    ["too many", (requests) => [...requests, { path: "d" }].map(({ path }) => good(path))],
    ["a map", (requests) => new Map(requests.map(({ path }) => [path, good(path)]))],
    ["a list whose length cannot be read", () => new Proxy([], { get: (_, key) => (key === "length" ? boom() : 0) })],
    ["an error of its own", boom],
  ])("%s is a fault of the adapter: it is told, nothing is taken, and each is asked alone", async (what, script) => {
    const { clock, values, codes, eventsOf, store } = await client(script);
    await clock.advance(pollMs / 2 + 1);
    expect(values()).toEqual(["one", "one", "one"]);
    expect(codes()).toEqual(["INTERNAL", "INTERNAL", "INTERNAL"]);
    if (what !== "an error of its own")
      expect(eventsOf("provider-degraded")).toMatchObject([{ code: "adapter-fault" }]);
    store.reads.length = 0;
    store.calls.length = 0;
    await clock.advance(2_000);
    expect(values()).toEqual(["two", "two", "two"]);
    expect([store.reads.length, store.calls.length]).toEqual([3, 0]);
  });
});

test("a list whose places cannot be read fails each of them, and is told", async () => {
  const { clock, values, codes, eventsOf } = await client(
    () =>
      new Proxy([1, 2, 3], {
        get: (list, key) => (key === "length" ? list.length : key === hook ? undefined : boom()),
      }),
  );
  await clock.advance(pollMs / 2 + 1);
  expect([values(), codes()]).toEqual([["one", "one", "one"], Array(3).fill("INTERNAL")]);
  expect(eventsOf("provider-degraded")).toMatchObject([{ code: "adapter-fault" }]);
});

test("an adapter that says how many paths it reads and has no `getMany` is asked for each", async () => {
  const made = scriptedClient({ stores: ["store"] });
  made.store.supports = { ...made.store.supports, batch: 0.5 };
  for (const name of ["a", "b"]) made.store.set(name, "one");
  const [a, b] = await Promise.all(["a", "b"].map((name) => made.secrets.getSecret(name)));
  expect([a?.reveal(), b?.reveal(), made.store.calls.length]).toEqual(["one", "one", 0]);
});
