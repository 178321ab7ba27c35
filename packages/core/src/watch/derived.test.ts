import { describe, expect, test } from "vitest";
import { declaredClient, nextPoll, pollMs } from "../../test/declared-client.ts";
import { settledOf } from "../../test/scripted-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { Secret } from "../secret/secret.ts";
import type { Derived, DeriveOptions } from "./derived.ts";

const db = declareSecrets({ db: { ref: "db" }, maybe: { ref: "maybe", optional: true } });

/** A client that holds "one", and resources named after their values. */
function client(options: Parameters<typeof declaredClient>[1] = {}) {
  const made = declaredClient(db, { supports: { subscribe: "local" }, ...options });
  made.store.set("db", "one");
  const rotate = async (value: string): Promise<void> => {
    made.store.set("db", value);
    made.store.hint("db");
    await made.clock.flush();
  };
  return { ...made, rotate };
}

/** What happened to the resources of one handle. */
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

describe("derive", () => {
  test("opens a resource for the first value and for each adopted one; the old closes after grace", async () => {
    const { secrets, clock, rotate } = client();
    const { log, options } = recording({ grace: "5s" });
    const derived = secrets.derive("db", options);
    await secrets.ready();
    expect(derived.current).toBe("one");
    expect(await derived.ready).toBe("one");
    await rotate("two");
    expect(derived.current).toBe("two");
    await clock.advance(4_900);
    expect(log).toEqual(["open one", "open two"]);
    await clock.advance(200);
    expect(log).toEqual(["open one", "open two", "close one"]);
  });

  test.each([Number.NaN, -5, "30", "30 s", null, {}])("refuses a grace of %j", (grace) => {
    const { secrets } = client();
    const error = { code: "INVALID_CONFIG", reason: "duration", message: expect.stringContaining("`grace` of derive") };
    expect(() => secrets.derive("db", { open: () => 1, grace } as never)).toThrow(expect.objectContaining(error));
  });

  test("leaves a replaced resource open for 30 s by default, and needs no `close`", async () => {
    const { secrets, clock, rotate } = client();
    const { log, options } = recording();
    secrets.derive("db", options);
    secrets.derive("db", { open: () => "nothing to close" });
    await secrets.ready();
    await rotate("two");
    await clock.advance(29_900);
    expect(log).not.toContain("close one");
    await clock.advance(200);
    expect(log).toContain("close one");
  });

  test("does not open again for equal content, whatever its version", async () => {
    const { secrets, store, clock, rotate } = client();
    const { log, options } = recording();
    secrets.derive("db", options);
    await secrets.ready();
    await rotate("one");
    store.remove("db");
    await nextPoll({ clock });
    await rotate("one");
    expect(log).toEqual(["open one"]);
  });

  test("has no current before its first resource, and none when its secret may not be served", async () => {
    const { secrets, store, clock } = client({ config: { onDenied: "throw" } });
    const { options } = recording();
    const derived = secrets.derive("db", options);
    expect(() => derived.current).toThrow(expect.objectContaining({ code: "NOT_READY" }));
    await secrets.ready();
    store.fail("PERMISSION_DENIED");
    await nextPoll({ clock });
    expect(() => derived.current).toThrow(expect.objectContaining({ code: "PERMISSION_DENIED" }));
    store.heal();
    await clock.advance(2 * pollMs);
    expect(derived.current).toBe("one");
  });

  test("closes the resource of an optional secret that was deleted", async () => {
    const { secrets, store, clock } = client();
    const { log, options } = recording({ grace: 1_000 });
    store.set("maybe", "here");
    const derived = secrets.derive("maybe", options);
    await secrets.ready();
    expect(derived.current).toBe("here");
    store.remove("maybe");
    await nextPoll({ clock });
    expect(log).toEqual(["open here", "close here"]);
    expect(() => derived.current).toThrow(expect.objectContaining({ code: "NOT_READY" }));
    store.set("maybe", "back");
    await nextPoll({ clock });
    expect(derived.current).toBe("back");
  });

  test("of an absent optional secret does not hold up ready", async () => {
    const { secrets } = client();
    const derived = secrets.derive("maybe", recording().options);
    await secrets.ready();
    expect(() => derived.current).toThrow(expect.objectContaining({ code: "NOT_READY" }));
  });

  test("is ready with the client: `ready` awaits it, registered before or after the load", async () => {
    const { secrets, clock } = client();
    const { promise, resolve } = Promise.withResolvers<string>();
    await secrets.getSecret("db");
    const derived = secrets.derive("db", { open: () => promise });
    const ready = settledOf(secrets.ready());
    await clock.flush();
    expect(ready.now.state).toBe("pending");
    resolve("open");
    await clock.flush();
    expect(ready.now.state).toBe("resolved");
    expect(derived.current).toBe("open");
  });

  test.each(["before", "after"] as const)(
    "that fails to open makes `ready` reject, when it was registered %s the load",
    async (when) => {
      const { secrets, clock } = client();
      let broken = true;
      const open = (secret: Secret<string>): string => {
        if (broken) throw new TypeError("s3cret-fixture");
        return secret.reveal();
      };
      const derive = (): Derived<string> => secrets.derive("db", { open });
      if (when === "after") await secrets.getSecret("db");
      const derived = derive();
      const ready = settledOf(secrets.ready());
      await clock.advance(30_000);
      expect(ready.now).toMatchObject({ state: "rejected", error: { code: "NOT_READY" } });
      expect(ready.now).toMatchObject({ error: { errors: [{ code: "REFUSED", reason: "threw" }] } });
      broken = false;
      await clock.advance(120_000);
      await secrets.ready();
      expect(derived.current).toBe("one");
    },
  );
});

describe("adoption is all or nothing", () => {
  test("if one of several fails, those already opened are closed and the old resources stay", async () => {
    const { secrets, clock, rotate, eventsOf } = client();
    const good = recording();
    let broken = false;
    const bad = recording({
      open: async (secret) => {
        if (broken) throw new Error("no such pool");
        return secret.reveal();
      },
    });
    const a = secrets.derive("db", good.options);
    const b = secrets.derive("db", bad.options);
    await secrets.ready();
    broken = true;
    await rotate("two");
    expect(good.log).toEqual(["open one", "open two", "close two"]);
    expect([a.current, b.current, secrets.latest("db").reveal()]).toEqual(["one", "one", "one"]);
    expect(eventsOf("refused")).toEqual([expect.objectContaining({ reason: "threw" })]);
    broken = false;
    await clock.advance(1_000);
    expect([a.current, b.current, secrets.latest("db").reveal()]).toEqual(["two", "two", "two"]);
  });

  test("what opens only after the other has failed is closed too", async () => {
    const { secrets, clock, rotate } = client();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = recording();
    const { open } = slow.options;
    secrets.derive("db", {
      ...slow.options,
      open: async (secret, signal) => {
        if (secret.reveal() === "two") await promise;
        return open(secret, signal);
      },
    });
    secrets.derive("db", {
      open: (secret) => {
        if (secret.reveal() === "two") throw new Error("no such pool");
      },
    });
    await secrets.ready();
    await rotate("two");
    resolve();
    await clock.flush();
    expect(slow.log).toEqual(["open one", "open two", "close two"]);
  });

  test("`accept` runs before anything is opened", async () => {
    const accept = (next: Secret<string>): boolean => next.reveal() !== "bad";
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db", accept } }));
    store.set("db", "good");
    const { log, options } = recording();
    secrets.derive("db", options);
    await secrets.ready();
    store.set("db", "bad");
    await nextPoll({ clock });
    expect(log).toEqual(["open good"]);
  });

  test("`open` has 10 s, after which its signal aborts; a resource that it opens later is closed", async () => {
    const { secrets, clock, rotate } = client();
    const { promise, resolve } = Promise.withResolvers<string>();
    const signals: AbortSignal[] = [];
    const log: string[] = [];
    const derived = secrets.derive("db", {
      open: (secret, signal) => {
        signals.push(signal);
        return secret.reveal() === "one" ? "one" : promise;
      },
      close: (resource) => log.push(`close ${resource}`),
    });
    await secrets.ready();
    await rotate("two");
    await clock.advance(9_900);
    expect(signals.at(-1)?.aborted).toBe(false);
    await clock.advance(200);
    expect(signals.at(-1)?.aborted).toBe(true);
    expect(derived.current).toBe("one");
    resolve("late");
    await clock.flush();
    expect(log).toContain("close late");
  });
});

describe("a handle registered late", () => {
  test("opens for the current value, and a rotation meanwhile wins", async () => {
    const { secrets, clock, rotate } = client();
    await secrets.ready();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { log, options } = recording();
    const derived = secrets.derive("db", {
      ...options,
      open: async (secret, signal) => {
        if (secret.reveal() === "one") await promise;
        return await options.open(secret, signal);
      },
    });
    await rotate("two");
    expect(derived.current).toBe("two");
    resolve();
    await clock.flush();
    expect(derived.current).toBe("two");
    expect(log).toEqual(["open two", "open one", "close one"]);
  });

  test("while others open for a new value gets a resource of that value too", async () => {
    const { secrets, clock, rotate } = client();
    await secrets.ready();
    const { promise, resolve } = Promise.withResolvers<void>();
    secrets.derive("db", { open: async (secret) => (secret.reveal() === "two" ? await promise : undefined) });
    await clock.flush();
    await rotate("two");
    const { log, options } = recording({ grace: 1_000 });
    const late = secrets.derive("db", options);
    await clock.flush();
    expect(late.current).toBe("one");
    resolve();
    await clock.flush();
    expect(secrets.latest("db").reveal()).toBe("two");
    expect(late.current).toBe("two");
    await clock.advance(1_100);
    expect(log).toEqual(["open one", "open two", "close one"]);
  });

  test("while others open for the first value gets a resource as well", async () => {
    const { secrets, clock } = client();
    const { promise, resolve } = Promise.withResolvers<void>();
    secrets.derive("db", { open: () => promise });
    const ready = secrets.ready();
    await clock.flush();
    const late = secrets.derive("db", recording().options);
    resolve();
    await ready;
    expect(late.current).toBe("one");
  });
});

describe("close of a handle", () => {
  test("closes its current and its retired resources, once", async () => {
    const { secrets, clock, rotate } = client();
    const { log, options } = recording();
    const derived = secrets.derive("db", options);
    await secrets.ready();
    await rotate("two");
    await Promise.all([derived.close(), derived.close()]);
    expect(log.slice(2).sort()).toEqual(["close one", "close two"]);
    expect(() => derived.current).toThrow(expect.objectContaining({ code: "CLOSED" }));
    await rotate("three");
    await clock.advance(pollMs);
    expect(log).toHaveLength(4);
    expect(secrets.latest("db").reveal()).toBe("three");
  });

  test("before its first resource ends `ready` with CLOSED, and closes what opens after", async () => {
    const { secrets, clock } = client();
    const { promise, resolve } = Promise.withResolvers<string>();
    const log: string[] = [];
    const derived = secrets.derive("db", { open: () => promise, close: (resource) => log.push(`close ${resource}`) });
    const ready = settledOf(derived.ready);
    const client_ = settledOf(secrets.ready());
    await clock.flush();
    await derived.close();
    resolve("late");
    await clock.flush();
    expect(ready.now).toMatchObject({ state: "rejected", error: { code: "CLOSED" } });
    expect(log).toEqual(["close late"]);
    expect(client_.now.state).toBe("resolved");
  });

  test("that fails is reported, and closes the others all the same", async () => {
    const { secrets, eventsOf } = client();
    const { log, options } = recording();
    secrets.derive("db", {
      open: () => "x",
      close: () => {
        throw new TypeError("s3cret-fixture");
      },
    });
    secrets.derive("db", {
      open: () => "x",
      close: async () => {
        throw new RangeError("s3cret-fixture");
      },
    });
    secrets.derive("db", options);
    await secrets.ready();
    await secrets.close();
    expect(log).toEqual(["open one", "close one"]);
    expect(eventsOf("listener-failed")).toEqual([
      { type: "listener-failed", reference: "db", event: "derive.close", name: "TypeError" },
      { type: "listener-failed", reference: "db", event: "derive.close", name: "RangeError" },
    ]);
  });

  test("works with `await using`", async () => {
    const { secrets } = client();
    const { log, options } = recording();
    {
      await using derived = secrets.derive("db", options);
      await secrets.ready();
      expect(derived.current).toBe("one");
    }
    expect(log).toEqual(["open one", "close one"]);
  });
});
