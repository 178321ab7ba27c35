import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import type { Secret } from "../secret/secret.ts";

const declared = declareSecrets({
  db: { ref: "db", overlap: "1h" },
  user: { ref: "pair#user" },
  pair: { ref: "pair", as: object(["user"]) },
});

async function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(declared, { supports: { subscribe: "local", versions: false }, ...options });
  made.store.set("db", "one");
  made.store.set("pair", { user: "u" });
  await made.secrets.ready();
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
  };
  return { ...made, rotate };
}

const dropped = expect.objectContaining({ code: "NOT_READY", reason: "dropped", reference: "db" });

describe("invalidate", () => {
  test("lets `latest` serve the value, while the next read awaits one new call", async () => {
    const { secrets, store, clock } = await client();
    const before = store.readsOf("db").length;
    secrets.invalidate("db");
    expect(secrets.latest("db").reveal()).toBe("one");
    store.set("db", "two");
    const reads = [secrets.getSecret("db"), secrets.getSecret("db")];
    await clock.flush();
    expect((await Promise.all(reads)).map((secret: Secret) => secret.reveal())).toEqual(["two", "two"]);
    expect(store.readsOf("db")).toHaveLength(before + 1);
    await secrets.getSecret("db");
    expect(store.readsOf("db")).toHaveLength(before + 1);
  });

  test("by name concerns all views of a secret; by a reference with a selector, only that one", async () => {
    const { secrets, store } = await client();
    const reads = async (name: string): Promise<number> => {
      const before = store.readsOf("pair").length;
      secrets.invalidate(name);
      await secrets.getSecret("user");
      await secrets.getSecret("pair");
      return store.readsOf("pair").length - before;
    };
    expect(await reads("pair#user")).toBe(1);
    expect(await reads("other")).toBe(0);
    expect(await reads("pair")).toBe(1);
  });

  test("of a reference that was never read does nothing; an invalid name is an error", async () => {
    const { secrets } = declaredClient(declared);
    secrets.invalidate("db");
    secrets.invalidate("never/read");
    expect(() => secrets.invalidate("../x")).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});

describe("invalidate with drop", () => {
  test("discards the value immediately: `latest` throws, existing Secrets still reveal it", async () => {
    const { secrets } = await client();
    const held = secrets.latest("db");
    const derived = secrets.derive("db", { open: () => "pool" });
    await derived.ready;
    const watch = secrets.watch("db");
    secrets.invalidate("db", { drop: true });
    expect(() => secrets.latest("db")).toThrow(dropped);
    expect(() => watch.latest).toThrow(dropped);
    expect(() => derived.current).toThrow(dropped);
    expect(() => secrets.accepted("db")).toThrow(dropped);
    expect(held.reveal()).toBe("one");
    expect(secrets.health()).toMatchObject({ status: "down" });
  });

  test("refuses the dropped content for ever, with any version, and after a deletion", async () => {
    const { secrets, store, clock, rotate } = await client();
    secrets.invalidate("db", { drop: true });
    await rotate("one");
    expect(() => secrets.latest("db")).toThrow(dropped);
    await rotate("two");
    expect(secrets.latest("db").reveal()).toBe("two");
    await rotate("one");
    expect(secrets.latest("db").reveal()).toBe("two");
    expect(secrets.health()).toMatchObject({
      status: "degraded",
      secrets: [{ code: "INVALID_VALUE", reason: "dropped" }, {}, {}],
    });
    store.remove("db");
    await nextPoll({ clock });
    await rotate("one");
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("makes reads wait for other content, and ends their wait when it arrives", async () => {
    const { secrets, clock, rotate } = await client();
    secrets.invalidate("db", { drop: true });
    const reading = settledOf(secrets.getSecret("db"));
    await clock.advance(9_000);
    expect(reading.now.state).toBe("pending");
    await rotate("two");
    expect((reading.now as { value?: Secret }).value?.reveal()).toBe("two");
  });

  test("ends that wait after 15 s", async () => {
    const { secrets, store, clock } = await client();
    secrets.invalidate("db", { drop: true });
    const before = store.reads.length;
    const reading = settledOf(secrets.getSecret("db"));
    await clock.advance(14_900);
    expect(reading.now.state).toBe("pending");
    await clock.advance(200);
    expect(reading.now).toMatchObject({ state: "rejected", error: { code: "NOT_READY", reason: "dropped" } });
    expect(store.reads.length - before).toBeLessThan(40);
  });

  test("reports the next value as a rotation without a previous one", async () => {
    const { secrets, rotate } = await client();
    const watch = secrets.watch("db");
    const told: unknown[] = [];
    watch.on("change", ({ previous, current, reason }) => told.push([previous, current.reveal(), reason]));
    secrets.invalidate("db", { drop: true });
    await rotate("two");
    expect(told).toEqual([[undefined, "two", "rotated"]]);
  });

  test("of an undeclared reference refuses it as well", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}));
    store.set("free", "leaked");
    await secrets.getSecret("free");
    secrets.invalidate("free", { drop: true });
    const reading = settledOf(secrets.getSecret("free"));
    await clock.advance(2_000);
    expect(reading.now.state).toBe("pending");
    expect(store.reads.length).toBeLessThan(10);
    store.set("free", "new");
    await clock.advance(10_000);
    expect((reading.now as { value?: Secret }).value?.reveal()).toBe("new");
  });

  test("while `accept` decides on another value does not affect that value", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const accept = (next: Secret): boolean | Promise<boolean> => next.reveal() === "one" || promise;
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }));
    store.set("db", "one");
    await secrets.ready();
    store.set("db", "two");
    await nextPoll({ clock });
    secrets.invalidate("db", { drop: secrets.latest("db") });
    await clock.flush();
    resolve(true);
    await clock.advance(5_000);
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("of an undeclared alias is an error in a strict client", async () => {
    const { secrets } = await client({ strict: true });
    expect(() => secrets.invalidate("bd", { drop: true })).toThrow(
      expect.objectContaining({ code: "INVALID_NAME", reason: "unknown-alias" }),
    );
    secrets.invalidate("pair");
    secrets.invalidate("pair#user", { drop: true });
    secrets.notify({ reference: "somebody/elses" });
  });
});

describe("notify", () => {
  test("reads a kept secret again, at most once a second", async () => {
    const { secrets, store, clock } = await client();
    await clock.advance(2_000);
    const before = store.readsOf("db").length;
    for (let n = 0; n < 50; n += 1) {
      secrets.notify({ reference: "db" });
      await clock.advance(100);
    }
    expect(store.readsOf("db").length - before).toBeGreaterThanOrEqual(5);
    expect(store.readsOf("db").length - before).toBeLessThanOrEqual(6);
  });

  test("of an undeclared reference makes its next read call the store, at most once a second", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}));
    store.set("free", "one");
    await secrets.getSecret("free");
    await clock.advance(5_000);
    for (let n = 0; n < 50; n += 1) {
      secrets.notify({ reference: "free" });
      await secrets.getSecret("free");
      await clock.advance(100);
    }
    expect(store.reads.length).toBeGreaterThanOrEqual(5);
    expect(store.reads.length).toBeLessThanOrEqual(7);
    store.set("free", "two");
    secrets.notify({ reference: "free" });
    await clock.advance(1_100);
    expect((await secrets.getSecret("free")).reveal()).toBe("two");
  });

  test("during the read of an undeclared reference applies after that read", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({}));
    store.set("free", "one");
    store.latencyMs = 2_000;
    const reading = secrets.getSecret("free");
    await clock.advance(1_000);
    store.set("free", "two");
    secrets.notify({ reference: "free" });
    await clock.advance(1_500);
    expect((await reading).reveal()).toBe("one");
    store.latencyMs = 0;
    expect((await secrets.getSecret("free")).reveal()).toBe("two");
  });

  test.each([
    [{}, 1],
    [{ provider: "store" }, 1],
    [{ provider: "other" }, 0],
    [{ reference: "db", provider: "store" }, 1],
    [{ reference: "pair" }, 0],
    [{ reference: "never/read" }, 0],
  ])("%o causes %d reads of db", async (hint, reads) => {
    const { secrets, store, clock } = await client();
    await clock.advance(2_000);
    const before = store.readsOf("db").length;
    secrets.notify(hint);
    await clock.flush();
    expect(store.readsOf("db").length - before).toBe(reads);
  });

  test("before the first read does nothing", () => {
    const { secrets, store } = declaredClient(declared);
    secrets.notify({});
    secrets.notify({ reference: "db" });
    expect(store.openings).toBe(0);
  });
});
