import { describe, expect, test } from "vitest";
import { z } from "zod";
import { declaredClient, pollMs } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { bytes } from "../decode/bytes.ts";
import { object } from "../decode/object.ts";
import { text } from "../decode/text.ts";
import type { Secret } from "../secret/secret.ts";

const declared = declareSecrets({ db: { ref: "db" }, stripe: { ref: "stripe/key" } });
const none = declareSecrets({});

function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(declared, options);
  made.store.set("db", "one");
  made.store.set("stripe/key", "sk");
  return made;
}

describe("getSecret", () => {
  test("returns the same promise while the value may be served without a call", async () => {
    const { secrets } = client();
    await secrets.ready();
    expect(secrets.getSecret("db")).toBe(secrets.getSecret("db"));
    expect(await secrets.getSecret("db")).toBe(secrets.latest("db"));
    expect(await secrets.getSecret("db", { timeout: 1 })).toBe(secrets.latest("db"));
  });

  test.each([
    ["however old its value grows", "unlimited", true],
    ["but where its value may grow too old", "1h", false],
  ])("returns the same promise during an outage, %s", async (_, maxStale, isSame) => {
    const { secrets, store, clock } = client({ config: { cache: { maxStale } } });
    await secrets.ready();
    store.fail("UNAVAILABLE");
    await clock.advance(2 * pollMs);
    expect(secrets.health().status).toBe("degraded");
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    const first = secrets.getSecret("db");
    expect(secrets.getSecret("db") === first).toBe(isSame);
  });

  test("that is aborted rejects with the signal's reason; others continue", async () => {
    const { secrets, store, clock } = client();
    store.latencyMs = 3_000;
    const leaving = new AbortController();
    const gone = settledOf(secrets.getSecret("db", { signal: leaving.signal }));
    const stays = secrets.getSecret("db");
    await clock.advance(1_000);
    leaving.abort("no longer wanted");
    await clock.flush();
    expect(gone.now).toEqual({ state: "rejected", error: "no longer wanted" });
    await clock.advance(3_000);
    expect((await stays).reveal()).toBe("one");
    expect(store.reads).toHaveLength(1);
  });

  test("with an aborted signal makes no call", async () => {
    const { secrets, store } = client();
    await expect(secrets.getSecret("db", { signal: AbortSignal.abort("before") })).rejects.toBe("before");
    expect(store.openings).toBe(0);
  });

  test("that takes longer than its timeout rejects; the read continues for the next caller", async () => {
    const { secrets, store, clock } = client();
    store.latencyMs = 3_000;
    const late = settledOf(secrets.getSecret("db", { timeout: "1s" }));
    await clock.advance(1_100);
    expect(late.now).toMatchObject({ state: "rejected", error: { code: "UNAVAILABLE", reason: "timeout" } });
    await clock.advance(2_000);
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    expect(store.reads).toHaveLength(1);
  });

  test.each([0, -5, Number.NaN, "1000", "1 s"])("refuses a timeout of %j", async (timeout) => {
    const { secrets } = client();
    const error = { code: "INVALID_CONFIG", message: expect.stringContaining("`timeout` of getSecret") as string };
    await expect(secrets.getSecret("db", { timeout } as never)).rejects.toMatchObject(error);
  });

  test("that is fresh reads again, and all readers then get its value", async () => {
    const { secrets, store } = client();
    await secrets.ready();
    store.set("db", "two");
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    expect((await secrets.getSecret("db", { freshness: "fresh" })).reveal()).toBe("two");
    expect(secrets.latest("db").reveal()).toBe("two");
  });

  test("loads a declared secret without `ready`, and keeps it fresh from then on", async () => {
    const { secrets, store, clock } = client();
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    store.set("db", "two");
    await clock.advance(1.2 * pollMs);
    expect(secrets.latest("db").reveal()).toBe("two");
  });
});

describe("a strict client", () => {
  const strict = { strict: true };
  const refused = expect.objectContaining({ code: "INVALID_NAME", reason: "unknown-alias" });

  test("refuses whatever is no alias, and names the nearest", async () => {
    const { secrets, store } = client(strict);
    const name = "strip" as "stripe";
    const near = expect.objectContaining({ message: expect.stringContaining('did you mean "stripe"?') });
    expect(() => secrets.latest(name)).toThrow(near);
    expect(() => secrets.accepted(name)).toThrow(near);
    expect(() => secrets.watch(name)).toThrow(near);
    expect(() => secrets.derive(name, { open: () => 1 })).toThrow(near);
    await expect(secrets.getSecret(name)).rejects.toEqual(near);
    await expect(secrets.getSecret("stripe/key")).rejects.toEqual(refused);
    await expect(secrets.getSecret("stripe/key", bytes())).rejects.toEqual(refused);
    expect(() => secrets.watch("stripe/key")).toThrow(refused);
    expect(store.openings).toBe(0);
  });

  test("refuses names of inherited members, such as toString", async () => {
    const { secrets } = client(strict);
    await secrets.ready();
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"] as unknown as "db"[]) {
      expect(() => secrets.latest(name)).toThrow(refused);
      await expect(secrets.getSecret(name)).rejects.toEqual(refused);
    }
  });

  test.each([undefined, null, 5, {}, Symbol("db")])("refuses %s as an alias", async (alias) => {
    const { secrets } = client(strict);
    const error = expect.objectContaining({ code: "INVALID_NAME", reason: "not-a-string" });
    expect(() => secrets.latest(alias as unknown as "db")).toThrow(error);
    await expect(secrets.getSecret(alias as unknown as "db")).rejects.toEqual(error);
  });
});

describe("a client that is not strict", () => {
  test("reads references and aliases", async () => {
    const { secrets, store } = client();
    store.set("pair", { user: "u", password: "p" });
    expect((await secrets.getSecret("db")).reveal()).toBe("one");
    expect((await secrets.getSecret("stripe/key")).reveal()).toBe("sk");
    expect((await secrets.getSecret("pair#user")).reveal()).toBe("u");
    expect((await secrets.getSecret("pair", object(["password"]))).reveal()).toEqual({ password: "p" });
    expect((await secrets.getSecret("pair", z.object({ user: z.string() }))).reveal()).toEqual({ user: "u" });
    expect((await secrets.getSecret("db", bytes(), { freshness: "fresh" })).reveal()).toEqual(
      new Uint8Array(Buffer.from("one")),
    );
  });

  test.each(["../up", "a//b", "/lead", "a@next", "a%2fb", ""])("refuses the name %j before any call", async (name) => {
    const { secrets, store } = client();
    await expect(secrets.getSecret(name)).rejects.toMatchObject({ code: "INVALID_NAME" });
    expect(() => secrets.watch(name)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
    expect(store.openings).toBe(0);
  });

  test("refuses an invalid decoder", async () => {
    const { secrets } = client();
    const decoder = { decode: () => "x" } as unknown as ReturnType<typeof text>;
    await expect(secrets.getSecret("db", decoder)).rejects.toMatchObject({ code: "INVALID_CONFIG", reason: "decoder" });
  });
});

describe("undeclared references", () => {
  test("share one view per reference and decoder", async () => {
    const { secrets, store } = declaredClient(none);
    store.set("a", '{"user":"u"}');
    const decoder = object(["user"]);
    const first = await secrets.getSecret("a", decoder);
    expect(await secrets.getSecret("a", decoder)).toBe(first);
    expect(await secrets.getSecret("a", object(["user"]))).not.toBe(first);
    expect(await secrets.getSecret("a@current")).toBe(await secrets.getSecret("a"));
    expect(store.reads).toHaveLength(1);
  });

  test("have no last good value if the decoder fails, without affecting other decoders", async () => {
    const { secrets, store, clock } = declaredClient(none, { config: { cache: { ttl: "1m" } } });
    const pair = object(["user"]);
    store.set("a", '{"user":"u"}');
    expect((await secrets.getSecret("a", pair)).reveal()).toEqual({ user: "u" });
    store.set("a", "plain");
    await clock.advance(70_000);
    await expect(secrets.getSecret("a", pair)).rejects.toMatchObject({ code: "INVALID_VALUE" });
    expect((await secrets.getSecret("a")).reveal()).toBe("plain");
  });

  test("serve the last good value through an outage, without a call for each read", async () => {
    const { secrets, store, clock } = declaredClient(none, { config: { cache: { ttl: "1m" } } });
    store.set("a", "one");
    await secrets.getSecret("a");
    store.fail("UNAVAILABLE");
    await clock.advance(70_000);
    const before = store.reads.length;
    for (let n = 0; n < 100; n += 1) expect((await secrets.getSecret("a")).reveal()).toBe("one");
    expect(store.reads.length - before).toBe(1);
  });

  test("that were deleted reject with NOT_FOUND", async () => {
    const { secrets, store, clock } = declaredClient(none, { config: { cache: { ttl: "1m" } } });
    store.set("a", "one");
    await secrets.getSecret("a");
    store.remove("a");
    await clock.advance(70_000);
    await expect(secrets.getSecret("a")).rejects.toMatchObject({ code: "NOT_FOUND", definitive: true });
  });

  test("can be watched, and cause no calls after the watch is closed", async () => {
    const { secrets, store, clock } = declaredClient(none);
    store.set("a", "one");
    const watch = secrets.watch("a");
    expect((await watch.ready).reveal()).toBe("one");
    const reading = secrets.getSecret("a", { freshness: "fresh" });
    await watch.close();
    await reading;
    const before = store.reads.length;
    await clock.advance(10 * pollMs);
    expect(store.reads).toHaveLength(before);
  });

  test("report a watch that cannot start by `ready`, `lastError` and an error event", async () => {
    const { secrets } = declaredClient(none, { config: { allow: ["b"] } });
    const watch = secrets.watch("a");
    const errors: string[] = [];
    watch.on("error", ({ code }) => errors.push(code));
    await expect(watch.ready).rejects.toMatchObject({ code: "PERMISSION_DENIED", reason: "not-allowed" });
    expect(errors).toEqual(["PERMISSION_DENIED"]);
    expect(watch.lastError?.code).toBe("PERMISSION_DENIED");
    expect(() => watch.latest).toThrow(expect.objectContaining({ code: "PERMISSION_DENIED" }));
    expect(watch.state).toBe("starting");
  });
});

describe("maxEntries", () => {
  const config = { cache: { maxEntries: 10 } };
  const names = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, n) => `n${from + n}`);
  const held = (
    secrets: ReturnType<typeof client>["secrets"] | { health(): { secrets: readonly { reference: string }[] } },
  ) => secrets.health().secrets.map(({ reference }) => reference);

  test("bounds what is cached; the victim is one not read since the last sweep", async () => {
    const { secrets, store } = declaredClient(none, { config });
    for (const name of names(0, 30)) store.set(name, name);
    for (const name of names(0, 11)) await secrets.getSecret(name);
    expect(held(secrets).length).toBeLessThanOrEqual(10);
    await secrets.getSecret("n5");
    for (const name of names(11, 14)) await secrets.getSecret(name);
    expect(held(secrets)).toContain("n5");
    expect(held(secrets).length).toBeLessThanOrEqual(10);
    const before = store.reads.length;
    expect((await secrets.getSecret("n0")).reveal()).toBe("n0");
    expect(store.reads.length).toBe(before + 1);
  });

  test("spares what is declared or watched", async () => {
    const { secrets, store } = client({ config });
    for (const name of names(0, 50)) store.set(name, name);
    await secrets.ready();
    const watch = secrets.watch("n0");
    await watch.ready;
    for (const name of names(1, 50)) await secrets.getSecret(name);
    expect(held(secrets)).toEqual(expect.arrayContaining(["db", "stripe/key", "n0"]));
    expect(watch.latest.reveal()).toBe("n0");
    expect(secrets.latest("db").reveal()).toBe("one");
  });

  test.each([1, 10])("of %d ends no read in progress, for any number of concurrent reads", async (maxEntries) => {
    const { secrets, store } = declaredClient(none, { config: { cache: { maxEntries } } });
    const all = names(0, 200);
    for (const name of all) store.set(name, name);
    const read = await Promise.all(all.map((name) => secrets.getSecret(name)));
    expect(read.map((secret: Secret) => secret.reveal())).toEqual(all);
    const watches = all.map((name) => secrets.watch(name));
    const first = await Promise.all(watches.map(({ ready }) => ready));
    expect(first.map((secret: Secret) => secret.reveal())).toEqual(all);
    await Promise.all(watches.map((watch) => watch.close()));
    store.set("new", "x");
    await secrets.getSecret("new");
    expect(held(secrets).length).toBeLessThanOrEqual(Math.max(1, maxEntries));
  });
});

describe("audit", () => {
  test("emits no hits and reveals by default", async () => {
    const { secrets, events } = client();
    await secrets.ready();
    secrets.latest("db").reveal();
    await secrets.getSecret("db");
    expect(events.filter(({ type }) => type === "hit" || type === "reveal")).toEqual([]);
  });

  test("hits: all reads from the cache, of aliases and references", async () => {
    const { secrets, store, eventsOf } = client({ audit: { hits: true } });
    store.set("free", "x");
    await secrets.getSecret("db");
    await secrets.getSecret("free");
    await secrets.getSecret("free", bytes());
    expect(eventsOf("hit")).toEqual([]);
    const codec = text();
    await secrets.getSecret("free", codec);
    const reads: (() => unknown)[] = [
      () => secrets.getSecret("db"),
      () => secrets.latest("db"),
      () => secrets.getSecret("db", { timeout: 10 }),
      () => secrets.getSecret("free"),
      () => secrets.getSecret("free", codec),
    ];
    for (const [index, read] of reads.entries()) {
      const before = eventsOf("hit").length;
      await read();
      expect(eventsOf("hit").slice(before), `read ${index}`).toEqual([
        { type: "hit", reference: index < 3 ? "db" : "free" },
      ]);
    }
    const before = eventsOf("hit").length;
    await secrets.getSecret("db", { freshness: "fresh" });
    expect(eventsOf("hit")).toHaveLength(before);
  });

  test("reveals: each one, with the version and never the value", async () => {
    const { secrets, eventsOf } = client({ audit: { reveals: true } });
    await secrets.ready();
    const secret = secrets.latest("db");
    expect([secret.reveal(), secret.reveal()]).toEqual(["one", "one"]);
    const event = { type: "reveal", reference: "db", version: secret.meta.version };
    expect(eventsOf("reveal")).toEqual([event, event]);
  });
});
