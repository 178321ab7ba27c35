import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";
import { eventTypes } from "./describe-event.ts";
import type { EventFacts } from "./event-facts.ts";
import { createEvents, type SecretEventType } from "./events.ts";

const value = "s3cret-fixture-7f3a";
const types = eventTypes as readonly SecretEventType[];

describe("the events of a client", () => {
  test("report every read with provider, path, outcome, duration and version", async () => {
    const { secrets, store, clock, eventsOf } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    store.set("db", value, { version: "v1" });
    store.latencyMs = 25;
    const ready = secrets.ready();
    await clock.advance(100);
    await ready;
    store.remove("db");
    await nextPoll({ clock });
    store.fail("PERMISSION_DENIED");
    await nextPoll({ clock });
    const read = { type: "read", provider: "store", path: "db", durationMs: 25 };
    expect(eventsOf("read").slice(0, 3)).toEqual([
      { ...read, outcome: "ok", version: "v1" },
      { ...read, outcome: "not-found" },
      { ...read, outcome: "PERMISSION_DENIED" },
    ]);
  });

  test("arrive in the order of their causes, after the new state is in place", async () => {
    const { secrets, store, clock, events } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    const seen: (string | undefined)[] = [];
    secrets.events.on("change", () => seen.push(secrets.latest("db").reveal()));
    store.set("db", "one");
    await secrets.ready();
    store.set("db", "two");
    await nextPoll({ clock });
    store.fail("UNAVAILABLE");
    await nextPoll({ clock });
    store.heal();
    store.set("db", "three");
    await nextPoll({ clock });
    expect(seen).toEqual(["one", "two", "three"]);
    const told = events.map(({ type }) => type).filter((type) => type !== "read");
    expect(told.filter((type) => type !== "provider-degraded" && type !== "unmasked")).toEqual([
      "change",
      "ready",
      "change",
      "error",
      "recovered",
      "change",
    ]);
  });

  test("are mirrored on diagnostics channels under fixed names, and contain no value in any form", async () => {
    const mirrored: unknown[] = [];
    const listeners = types.map((type) => [`tacit:${type}`, (event: unknown) => void mirrored.push(event)] as const);
    for (const [name, listener] of listeners) subscribe(name, listener);
    const declared = declareSecrets({
      db: { ref: "db", accept: (next) => !next.reveal().endsWith("refused"), rotateEvery: "1m", overlap: "1h" },
      pair: { ref: "pair", as: object(["user", "password"]) },
      // A store is left alone after failures of three paths.
      third: { ref: "third", optional: true },
    });
    const { secrets, store, clock, events } = declaredClient(declared, { audit: { hits: true, reveals: true } });
    store.set("db", value);
    store.set("pair", { user: value, password: value });
    await secrets.ready();
    secrets.watch("db").on("change", () => {
      throw new SecretError("INTERNAL", `the listener saw ${value}`);
    });
    secrets.latest("db").reveal();
    for (const act of [
      () => store.set("db", `${value}-2`),
      () => store.set("db", `${value}-refused`),
      () => store.set("pair", { user: value }),
      () => store.fail("UNAVAILABLE"),
      () => store.heal(),
      () => store.set("db", `${value}-3`),
      () => store.remove("db"),
    ]) {
      act();
      await clock.advance(2 * pollMs);
    }
    for (const [name, listener] of listeners) unsubscribe(name, listener);
    expect(mirrored).toEqual(events);
    const others = [
      "snapshot",
      "snapshot-failed",
      "unmasked",
      "drop",
      "expired",
      "lease-renewed",
      "lease-not-renewed",
      "lease-lost",
      "lease-not-revoked",
    ];
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(types.filter((type) => !others.includes(type))));
    const printed = inspect(events, { depth: 10 }) + JSON.stringify(events);
    expect(printed).not.toContain(value);
    for (const encoding of ["base64", "hex"] as const) {
      expect(printed).not.toContain(Buffer.from(value).toString(encoding).slice(0, 12));
    }
  });

  test("of one client do not reach the listeners of another, but share the channels", async () => {
    const one = declaredClient(declareSecrets({ db: { ref: "db" } }));
    const two = declaredClient(declareSecrets({ db: { ref: "db" } }));
    one.store.set("db", "one");
    expect(channel("tacit:changed").hasSubscribers).toBe(false);
    await one.secrets.ready();
    expect(one.events.length).toBeGreaterThan(0);
    expect(two.events).toEqual([]);
  });
});

describe("a listener", () => {
  const deleted: EventFacts = { type: "delete", reference: "db", served: true, required: true };

  test("is not called once its unsubscribe has returned, by another listener neither", () => {
    const { events, emit } = createEvents();
    const calls: string[] = [];
    events.on("delete", () => {
      calls.push("first");
      stop();
    });
    const stop = events.on("delete", () => calls.push("second"));
    emit(deleted);
    emit(deleted);
    expect(calls).toEqual(["first", "first"]);
  });

  test("that is added during an event receives the next event", () => {
    const { events, emit } = createEvents();
    const calls: string[] = [];
    events.once("delete", () => void events.on("delete", () => calls.push("added")));
    emit(deleted);
    expect(calls).toEqual([]);
    emit(deleted);
    expect(calls).toEqual(["added"]);
  });

  test("of `once` is called once, and may leave before that", () => {
    const { events, emit } = createEvents();
    const calls: string[] = [];
    events.once("delete", () => calls.push("once"));
    events.once("delete", () => calls.push("never"))();
    emit(deleted);
    emit(deleted);
    expect(calls).toEqual(["once"]);
  });

  test("that throws or rejects is reported by its event and class, and does not affect other listeners", async () => {
    const { events, emit } = createEvents();
    const failed: unknown[] = [];
    let calls = 0;
    events.on("listener-failed", (event) => {
      failed.push(event);
      throw new Error("this one fails too");
    });
    events.on("delete", () => {
      throw new TypeError(value);
    });
    events.on("delete", (async () => {
      throw Object.assign(new Error(value), { name: `${value} is no class name` });
    }) as () => void);
    events.on("delete", () => {
      throw value;
    });
    events.on("delete", () => void calls++);
    emit(deleted);
    await Promise.resolve().then(() => undefined);
    expect(calls).toBe(1);
    expect(failed).toHaveLength(3);
    expect(failed).toEqual(
      expect.arrayContaining(
        ["TypeError", "Error", "string"].map((name) =>
          expect.objectContaining({ type: "listener-failed", event: "delete", name }),
        ),
      ),
    );
  });

  test("of `onAny` receives events of every type, after the listeners of that type", () => {
    const { events, emit } = createEvents();
    const calls: string[] = [];
    const stop = events.onAny(({ type }) => calls.push(`any ${type}`));
    events.on("delete", () => calls.push("delete"));
    emit(deleted);
    emit({ type: "recovered", reference: "db", failures: 1 });
    stop();
    emit(deleted);
    expect(calls).toEqual(["delete", "any delete", "any recovered", "delete"]);
  });

  test("of `onAny` that throws is reported under the type of the event", () => {
    const { events, emit } = createEvents();
    const failed: unknown[] = [];
    events.on("listener-failed", ({ event, name }) => failed.push([event, name]));
    events.onAny(() => {
      throw new RangeError(value);
    });
    emit(deleted);
    expect(failed).toEqual([["delete", "RangeError"]]);
  });

  test.each<[unknown, unknown, string]>([
    ["changed", () => undefined, 'a client has no event "changed"; did you mean "change"?'],
    ["something", () => undefined, 'a client has no event "something"'],
    ["*", () => undefined, 'a client has no event "*"'],
    ["toString", () => undefined, 'a client has no event "toString"'],
    [undefined, () => undefined, "the name of an event of a client must be text"],
    ["change", undefined, 'the listener of "change" must be a function'],
    ["change", "x", 'the listener of "change" must be a function'],
  ])("of %j is refused where it would never be called", (type, listener, message) => {
    const { events } = createEvents();
    const tip = expect.stringMatching(/^The events of a client are: ready, read, change, /);
    const refused = expect.objectContaining({ code: "INVALID_CONFIG", reason: "option", message, tip });
    expect(() => events.on(type as never, listener as never)).toThrow(refused);
    expect(() => events.once(type as never, listener as never)).toThrow(refused);
    if (type === "change") expect(() => events.onAny(listener as never)).toThrow(/must be a function/);
  });

  test("receives nothing after close, and may close the client during an event", async () => {
    const { secrets, store, clock, events } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    const calls: string[] = [];
    store.set("db", "one");
    await secrets.ready();
    let closing: Promise<void> | undefined;
    secrets.events.on("change", () => {
      closing = secrets.close();
    });
    secrets.events.on("change", () => calls.push("other"));
    store.set("db", "two");
    await nextPoll({ clock });
    await closing;
    const reported = events.length;
    expect(calls).toEqual(["other"]);
    expect(clock.armed).toBe(0);
    secrets.events.on("read", () => calls.push("after"));
    await clock.advance(pollMs);
    expect(calls).toEqual(["other"]);
    expect(events).toHaveLength(reported);
  });
});
