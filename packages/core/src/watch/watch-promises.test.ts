import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import type { SecretError } from "../error/secret-error.ts";
import type { Secret } from "../secret/secret.ts";
import type { SecretChange } from "./secret-change.ts";

const db = declareSecrets({ db: { ref: "db" } });

/** A client whose one secret holds "one". */
function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(db, options);
  made.store.set("db", "one");
  return made;
}

const told = ({ current, previous, reason }: SecretChange<string>) => [previous?.reveal(), current.reveal(), reason];

describe("promise 1: ready settles once; an initial change is delivered on request", () => {
  test("ready resolves with the first value, and keeps it when the value rotates", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    const first = await watch.ready;
    store.set("db", "two");
    await nextPoll({ clock });
    expect(watch.latest.reveal()).toBe("two");
    expect(await watch.ready).toBe(first);
  });

  test("ready rejects with the error of the first load, once, although the secret arrives later", async () => {
    const { secrets, store, clock } = declaredClient(db);
    const watch = secrets.watch("db");
    await expect(watch.ready).rejects.toMatchObject({ code: "NOT_FOUND" });
    store.set("db", "one");
    await nextPoll({ clock });
    expect(watch.latest.reveal()).toBe("one");
    await expect(watch.ready).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("an iterator begins with one initial change, also when it comes late", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    const early = watch[Symbol.asyncIterator]();
    await watch.ready;
    const late = watch[Symbol.asyncIterator]();
    for (const iterator of [early, late]) {
      expect(told((await iterator.next()).value)).toEqual([undefined, "one", "initial"]);
    }
    store.set("db", "two");
    await nextPoll({ clock });
    for (const iterator of [early, late]) {
      expect(told((await iterator.next()).value)).toEqual(["one", "two", "rotated"]);
    }
  });

  test("a listener receives the initial change only on request, and never inside `on`", async () => {
    const { secrets, clock } = client();
    const watch = secrets.watch("db");
    const heard: string[] = [];
    watch.on("change", () => heard.push("silent before"));
    watch.on("change", ({ reason }) => heard.push(`before ${reason}`), { initial: true });
    await watch.ready;
    await clock.flush();
    expect(heard).toEqual(["before initial"]);
    watch.on("change", () => heard.push("silent after"));
    watch.on("change", ({ reason }) => heard.push(`after ${reason}`), { initial: true });
    expect(heard).toEqual(["before initial"]);
    await clock.flush();
    expect(heard).toEqual(["before initial", "after initial"]);
  });
});

test("promise 2: after the first good value `latest` returns one until close", async () => {
  const { secrets, store, clock } = client();
  const watch = secrets.watch("db");
  expect(() => watch.latest).toThrow(expect.objectContaining({ code: "NOT_READY" }));
  await watch.ready;
  for (const code of ["UNAVAILABLE", "PERMISSION_DENIED", "UNAUTHENTICATED", "INTERNAL"] as const) {
    store.fail(code);
    await nextPoll({ clock });
    expect(watch.latest.reveal()).toBe("one");
  }
  store.heal();
  store.remove("db");
  await nextPoll({ clock });
  expect(watch.latest.reveal()).toBe("one");
  await watch.close();
  expect(() => watch.latest).toThrow(expect.objectContaining({ code: "CLOSED" }));
});

describe("promise 3: an unavailable value does not change latest", () => {
  const pair = declareSecrets({
    pair: { ref: "pair", as: object(["user"]), accept: (next) => next.reveal().user !== "bad" },
  });

  test.each([
    ["unavailable", (store: ReturnType<typeof client>["store"]) => store.fail("UNAVAILABLE"), "UNAVAILABLE"],
    ["denied", (store: ReturnType<typeof client>["store"]) => store.fail("PERMISSION_DENIED"), "PERMISSION_DENIED"],
    ["undecodable", (store: ReturnType<typeof client>["store"]) => store.set("pair", { other: "x" }), "INVALID_VALUE"],
    ["refused", (store: ReturnType<typeof client>["store"]) => store.set("pair", { user: "bad" }), "REFUSED"],
  ])("%s: state is stale and an error is emitted", async (_what, break_, code) => {
    const { secrets, store, clock } = declaredClient(pair);
    store.set("pair", { user: "good" });
    const watch = secrets.watch("pair");
    const errors: SecretError[] = [];
    const changes: unknown[] = [];
    watch.on("error", (error) => errors.push(error));
    watch.on("change", (change) => changes.push(change));
    await watch.ready;
    expect(watch.state).toBe("live");
    break_(store);
    await nextPoll({ clock });
    expect(watch.state).toBe("stale");
    expect(watch.latest.reveal()).toEqual({ user: "good" });
    expect(errors).toEqual([expect.objectContaining({ code })]);
    expect(watch.lastError).toMatchObject({ code });
    expect(changes).toEqual([]);
  });
});

describe("promise 4: a change means new content", () => {
  test("a new version with the same bytes is visible through latest and emits no event", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    const changes: unknown[] = [];
    watch.on("change", (change) => changes.push(change));
    const first = await watch.ready;
    store.set("db", "one", { version: "bumped" });
    await nextPoll({ clock });
    expect(watch.latest).not.toBe(first);
    expect(watch.latest.meta.version).toBe("bumped");
    expect(watch.latest.equals(first)).toBe(true);
    expect(changes).toEqual([]);
  });

  test("the same version with other bytes is a change", async () => {
    const { secrets, store, clock } = client({ supports: { conditional: false } });
    store.set("db", "one", { version: "fixed" });
    const watch = secrets.watch("db");
    const changes: unknown[] = [];
    watch.on("change", (change) => changes.push(told(change)));
    await watch.ready;
    store.set("db", "two", { version: "fixed" });
    await nextPoll({ clock });
    expect(changes).toEqual([["one", "two", "rotated"]]);
  });
});

describe("promise 5: intermediate versions may be skipped, the newest never", () => {
  test("a slow listener has one pending change, from the value that it last received to the newest", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    await watch.ready;
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    watch.on("change", (change) => {
      seen.push(told(change));
      return promise;
    });
    for (const value of ["two", "three", "four", "five"]) {
      store.set("db", value);
      await nextPoll({ clock });
    }
    expect(seen).toEqual([["one", "two", "rotated"]]);
    resolve();
    await clock.flush();
    expect(seen).toEqual([
      ["one", "two", "rotated"],
      ["two", "five", "rotated"],
    ]);
  });

  test("a slow loop receives the newest value next", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    const iterator = watch[Symbol.asyncIterator]();
    await iterator.next();
    for (const value of ["two", "three", "four"]) {
      store.set("db", value);
      await nextPoll({ clock });
    }
    expect(told((await iterator.next()).value)).toEqual(["one", "four", "rotated"]);
    const fate = settledOf(iterator.next());
    await clock.flush();
    expect(fate.now.state).toBe("pending");
  });
});

test("promise 6: a slow response never reverts a rotation", async () => {
  const { secrets, store, clock } = client({ supports: { subscribe: "local", conditional: false } });
  const watch = secrets.watch("db");
  const seen: unknown[] = [];
  watch.on("change", ({ current }) => seen.push(current.reveal()), { initial: true });
  await watch.ready;
  // The read that carries "one" is under way while the rotation's own hint asks again.
  store.latencyMs = 3_000;
  store.hint("db");
  await clock.advance(1_000);
  store.set("db", "two");
  store.latencyMs = 0;
  store.hint("db");
  await clock.advance(10_000);
  expect(watch.latest.reveal()).toBe("two");
  expect(seen).toEqual(["one", "two"]);
});

describe("promise 7: a listener sets its own pace, and does not affect others", () => {
  test("its next change waits for the promise it returned; other listeners continue", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    await watch.ready;
    const slow: string[] = [];
    const fast: string[] = [];
    watch.on("change", ({ current }) => {
      slow.push(current.reveal());
      return new Promise(() => undefined);
    });
    watch.on("change", ({ current }) => fast.push(current.reveal()));
    for (const value of ["two", "three"]) {
      store.set("db", value);
      await nextPoll({ clock });
    }
    expect(slow).toEqual(["two"]);
    expect(fast).toEqual(["two", "three"]);
  });

  test("one that throws or rejects is reported each time and stays subscribed", async () => {
    const { secrets, store, clock, eventsOf } = client();
    const watch = secrets.watch("db");
    await watch.ready;
    const calls: string[] = [];
    watch.on("change", () => {
      calls.push("throws");
      throw new TypeError("s3cret-fixture");
    });
    watch.on("change", async () => {
      calls.push("rejects");
      throw new RangeError("s3cret-fixture");
    });
    watch.on("change", () => calls.push("fine"));
    for (const value of ["two", "three"]) {
      store.set("db", value);
      await nextPoll({ clock });
    }
    expect(calls).toEqual(["throws", "rejects", "fine", "throws", "rejects", "fine"]);
    const failed = { type: "listener-failed", reference: "db", event: "change" };
    expect(eventsOf("listener-failed")).toHaveLength(4);
    expect(eventsOf("listener-failed")).toContainEqual({ ...failed, name: "TypeError" });
    expect(eventsOf("listener-failed")).toContainEqual({ ...failed, name: "RangeError" });
  });
});

test("promise 8: all fields of one physical secret come from one version", async () => {
  const names = {
    user: { ref: "pair#user" },
    password: { ref: "pair#password" },
    pair: { ref: "pair", as: object(["user", "password"]) },
  };
  const { secrets, store, clock } = declaredClient(declareSecrets(names));
  const put = (n: number) => store.set("pair", { user: `user-${n}`, password: `password-${n}` });
  put(0);
  await secrets.ready();
  const seen = new Set<string>();
  const look = (): void => {
    const { user, password } = secrets.latest("pair").reveal();
    const [a, b] = [secrets.latest("user"), secrets.latest("password")] as readonly Secret[];
    for (const text of [user, password, a?.reveal(), b?.reveal()]) seen.add(String(text).replace(/\D+/, ""));
  };
  for (let n = 1; n <= 50; n += 1) {
    put(n);
    await nextPoll({ clock });
    seen.clear();
    look();
    expect([...seen]).toEqual([String(n)]);
  }
});

describe("promise 9: a change that an error prevented is found later", () => {
  test("a rotation during an outage arrives when the store is back", async () => {
    const { secrets, store, clock } = client();
    const watch = secrets.watch("db");
    const seen: unknown[] = [];
    watch.on("change", (change) => seen.push(told(change)));
    await watch.ready;
    store.fail("UNAVAILABLE");
    store.set("db", "two");
    await clock.advance(10 * pollMs);
    expect(seen).toEqual([]);
    store.heal();
    await nextPoll({ clock });
    expect(seen).toEqual([["one", "two", "rotated"]]);
  });

  test("`not-modified` on a refused candidate decodes and accepts it again", async () => {
    let open = false;
    const asked: string[] = [];
    const accept = (next: Secret<string>) => {
      asked.push(next.reveal());
      return next.reveal() === "one" || open;
    };
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }));
    store.set("db", "one");
    await secrets.ready();
    store.set("db", "two", { version: "second" });
    await nextPoll({ clock });
    expect(secrets.latest("db").reveal()).toBe("one");
    open = true;
    await nextPoll({ clock });
    expect(secrets.latest("db").reveal()).toBe("two");
    expect(store.reads.at(-1)).toMatchObject({ ifVersion: "second" });
  });
});
