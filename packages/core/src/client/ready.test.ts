import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { advanceUntil, settledOf } from "../../test/scripted-client.ts";
import { ScriptedStore } from "../../test/scripted-store.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { SecretError } from "../error/secret-error.ts";
import { createRedactor } from "../redact/redactor.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { createSecrets } from "./secrets.ts";

const two = declareSecrets({ a: { ref: "a" }, b: { ref: "b" }, maybe: { ref: "maybe", optional: true } });

function problemsOf(error: unknown): readonly unknown[] {
  const { code, errors } = error as SecretError;
  expect(code).toBe("NOT_READY");
  return (errors ?? []).map((one) => [one.code, one.reference]);
}

describe("ready", () => {
  test("loads all declared secrets, and is idempotent", async () => {
    const { secrets, store } = declaredClient(two);
    store.set("a", "one");
    store.set("b", "two");
    await Promise.all([secrets.ready(), secrets.ready()]);
    await secrets.ready();
    expect(store.reads.map(({ path }) => path).sort()).toEqual(["a", "b", "maybe"]);
    expect(secrets.latest("a").reveal()).toBe("one");
    expect(secrets.latest("maybe")).toBeUndefined();
  });

  test("reports once how many secrets each provider serves", async () => {
    const { secrets, store, clock, events } = declaredClient(two);
    store.set("a", "one");
    const failed = secrets.ready().catch(() => undefined);
    await advanceUntil(clock, failed);
    expect(events.filter(({ type }) => type === "ready")).toEqual([]);
    store.set("b", "two");
    await clock.advance(60_000);
    await advanceUntil(clock, secrets.ready());
    await secrets.ready();
    expect(events.filter(({ type }) => type === "ready")).toEqual([
      {
        type: "ready",
        secrets: { store: 2 },
        absent: 1,
        level: "info",
        message: '2 secrets are ready: 2 from "store"; 1 optional secret does not exist',
      },
    ]);
  });

  test("tells all problems at once, and names them in its message", async () => {
    const { secrets, store, clock } = declaredClient(two);
    store.failPath("a", "PERMISSION_DENIED");
    store.failPath("maybe", "UNAVAILABLE");
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((problem) => problem),
    );
    expect(problemsOf(error)).toEqual([
      ["PERMISSION_DENIED", "a"],
      ["NOT_FOUND", "b"],
      ["UNAVAILABLE", "maybe"],
    ]);
    for (const { message } of error.errors) expect(error.message).toContain(message);
    expect(error.retryable).toBe(false);
  });

  // Which secret reads the store first, and which one is refused as a consequence, depends on timing.
  test("reports a problem of several secrets without a reference, that of one with its own", async () => {
    for (const declared of [two, declareSecrets({ a: { ref: "a" } })]) {
      const { secrets, store, clock } = declaredClient(declared);
      store.script = () => new SecretError("UNAVAILABLE", "the root is gone");
      const error = await advanceUntil(
        clock,
        secrets.ready().catch((problem) => problem),
      );
      expect(problemsOf(error)).toEqual([["UNAVAILABLE", declared === two ? undefined : "a"]]);
      expect(error.message).toContain(declared === two ? "(a, b, maybe)" : "(a)");
    }
  });

  test.each([
    ["names the provider where the words of its adapter do not", "`url` has no scheme", ' (provider "store")'],
    ["names the provider once", "the store of `providers.store` is off", ""],
  ])("%s", async (_title, message, named) => {
    const { secrets, store } = declaredClient(declareSecrets({ a: { ref: "a" } }));
    store.openError = new SecretError("INVALID_CONFIG", message, { reason: "invalid" });
    const error = await secrets.ready().catch((problem) => problem);
    expect(error.message.split("\n").slice(1)).toEqual([`  - INVALID_CONFIG (a): ${message}${named}`]);
  });

  test("reports the provider of a value that cannot be decoded, and only the alias with that decoder", async () => {
    const { secrets, store } = declaredClient(
      declareSecrets({ a: { ref: "db" }, b: { ref: "db", as: object(["username"]) } }),
    );
    store.set("db", "s3cret-fixture");
    const error = await secrets.ready().catch((problem) => problem);
    expect(error.message).toContain('- INVALID_VALUE (b): the value of "db" is not JSON (provider "store")');
    expect(error.errors).toMatchObject([{ provider: "store", reference: "db" }]);
  });

  test("may be retried after a failure", async () => {
    const { secrets, store, clock } = declaredClient(two);
    store.fail("UNAVAILABLE");
    const error = await advanceUntil(
      clock,
      secrets.ready().catch((problem) => problem),
    );
    expect(error).toMatchObject({ code: "NOT_READY", retryable: true });
    expect(secrets.health().status).toBe("down");
    store.heal();
    store.set("a", "one");
    store.set("b", "two");
    await advanceUntil(clock, secrets.ready());
    expect(secrets.health().status).toBe("ok");
  });

  test("tries a first load up to three times, only for temporary errors", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ a: { ref: "a" } }));
    let failures = 2;
    store.script = () => (failures-- > 0 ? new SecretError("UNAVAILABLE", "not yet") : undefined);
    store.set("a", "one");
    await advanceUntil(clock, secrets.ready());
    expect(store.reads).toHaveLength(3);
    expect(clock.monotonic()).toBeLessThanOrEqual(15_000);
  });

  test("opens every routed provider, fallbacks too, and an optional one may fail", async () => {
    const stores = { first: new ScriptedStore(), second: new ScriptedStore(), third: new ScriptedStore() };
    const broken = new SecretError("INVALID_CONFIG", "the SDK is not installed", { reason: "missing-sdk" });
    stores.second.openError = broken;
    stores.third.openError = broken;
    stores.first.set("a", "one");
    const client = (optional: boolean) =>
      createSecrets({
        declare: declareSecrets({ a: { ref: "a" } }),
        adapters: Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, store.adapter()])),
        config: {
          providers: {
            first: { use: "first" },
            second: { use: "second", optional },
            third: { use: "third", optional },
          },
          routes: [{ match: "**", to: ["first", "second"], fallbackOn: ["UNAVAILABLE"] }],
        },
        clock: manualClock(),
        redactor: createRedactor(),
      });
    const error = await client(false)
      .ready()
      .catch((problem) => problem);
    expect(error.errors).toEqual([expect.objectContaining({ code: "INVALID_CONFIG", reason: "missing-sdk" })]);
    expect(error.errors[0].provider).toBe("second");
    const lenient = client(true);
    const degraded: string[] = [];
    lenient.events.on("provider-degraded", ({ provider }) => degraded.push(provider));
    await lenient.ready();
    expect(degraded).toEqual(["second"]);
  });

  test("reports a broken document instead of reading anything, and reads again when asked again", async () => {
    const config: { routes: unknown[]; providers: unknown } = { providers: { store: { use: "scriptd" } }, routes: [] };
    const store = new ScriptedStore();
    store.set("a", "one");
    const secrets = createSecrets({
      declare: declareSecrets({ a: { ref: "a" } }),
      adapters: { scripted: store.adapter() },
      config: config as never,
      clock: manualClock(),
      redactor: createRedactor(),
    });
    const error = await secrets.ready().catch((problem) => problem);
    expect(error).toMatchObject({ code: "NOT_READY", errors: [{ code: "INVALID_CONFIG" }] });
    expect(error.message).toContain("scripted");
    config.providers = { store: { use: "scripted" } };
    config.routes = [{ match: "**", to: ["store"] }];
    await secrets.ready();
    expect(secrets.latest("a").reveal()).toBe("one");
  });
});

describe('missing: "wait"', () => {
  test("awaits secrets that do not exist yet", async () => {
    const { secrets, store, clock } = declaredClient(two);
    store.set("a", "one");
    const ready = settledOf(secrets.ready({ missing: "wait" }));
    await clock.advance(600_000);
    expect(ready.now.state).toBe("pending");
    store.set("b", "two");
    await clock.advance(61_000);
    expect(ready.now.state).toBe("resolved");
    expect(secrets.latest("b").reveal()).toBe("two");
  });

  test("until the deadline, and then reports all missing ones", async () => {
    const { secrets, store, clock } = declaredClient(two);
    const ready = settledOf(secrets.ready({ missing: "wait", timeout: 30_000 }));
    await clock.advance(29_900);
    expect(ready.now.state).toBe("pending");
    await clock.advance(200);
    expect(problemsOf((ready.now as { error?: unknown }).error)).toEqual([
      ["NOT_FOUND", "a"],
      ["NOT_FOUND", "b"],
    ]);
    store.set("a", "one");
    store.set("b", "two");
    await clock.advance(61_000);
    await secrets.ready();
  });

  test("does not wait for what is denied or ambiguous", async () => {
    const { secrets, store, clock } = declaredClient(two);
    store.set("b", "two");
    store.script = ({ path }) => (path === "a" ? { status: "not-found", definitive: false } : undefined);
    const error = await advanceUntil(
      clock,
      secrets.ready({ missing: "wait" }).catch((problem) => problem),
    );
    expect(problemsOf(error)).toEqual([["NOT_FOUND", "a"]]);
  });
});

describe("a caller of ready", () => {
  test("that aborts its signal gets the reason; the client continues", async () => {
    const { secrets, store, clock } = declaredClient(two);
    const leaving = new AbortController();
    const ready = settledOf(secrets.ready({ missing: "wait", signal: leaving.signal }));
    await clock.flush();
    leaving.abort("enough");
    await clock.flush();
    expect(ready.now).toEqual({ state: "rejected", error: "enough" });
    store.set("a", "one");
    store.set("b", "two");
    await clock.advance(61_000);
    expect(secrets.latest("a").reveal()).toBe("one");
    await expect(secrets.ready({ signal: AbortSignal.abort("at once") })).rejects.toBe("at once");
  });

  test("that sets a deadline gets the work that was not done by then", async () => {
    const { secrets, store, clock } = declaredClient(two);
    store.hangs = true;
    const ready = settledOf(secrets.ready({ timeout: 2_000 }));
    await clock.advance(2_100);
    expect(ready.now).toMatchObject({ state: "rejected" });
    expect(problemsOf((ready.now as { error?: unknown }).error)).toEqual([
      ["UNAVAILABLE", "a"],
      ["UNAVAILABLE", "b"],
      ["UNAVAILABLE", "maybe"],
    ]);
  });

  test("that sets a deadline gets what the other providers hold, when one takes for ever to open", async () => {
    const { clock, secrets } = besideOneThatNeverOpens();
    const ready = settledOf(secrets.ready({ timeout: 2_000 }));
    await clock.advance(2_100);
    expect(ready.now).toMatchObject({ state: "rejected" });
    expect(problemsOf((ready.now as { error?: unknown }).error)).toEqual([
      ["UNAVAILABLE", undefined],
      ["UNAVAILABLE", "b"],
    ]);
    expect(secrets.latest("a").reveal()).toBe("one");
  });

  test("without a deadline need not wait for a provider that opens late to have what the others hold", async () => {
    const { clock, secrets } = besideOneThatNeverOpens();
    const ready = settledOf(secrets.ready());
    await clock.flush();
    expect(ready.now.state).toBe("pending");
    expect(secrets.latest("a").reveal()).toBe("one");
    await secrets.close();
  });

  test.each([0, -1, Number.NaN])("that sets an invalid deadline of %d gets an error", async (timeout) => {
    const { secrets } = declaredClient(two);
    await expect(secrets.ready({ timeout })).rejects.toMatchObject({ code: "INVALID_CONFIG", reason: "duration" });
  });

  test("gets CLOSED if the client closes in the meantime, even while an adapter never loads", async () => {
    const { secrets, store, clock } = declaredClient(two);
    store.hangs = true;
    const reading = settledOf(secrets.ready());
    await clock.flush();
    const loading = createSecrets({
      declare: two,
      adapters: { slow: () => new Promise(() => undefined) },
      config: { providers: { slow: { use: "slow" } }, routes: [{ match: "**", to: ["slow"] }] },
      clock,
      redactor: createRedactor(),
    });
    const starting = settledOf(loading.ready());
    const getting = settledOf(loading.getSecret("a"));
    await clock.flush();
    await Promise.all([secrets.close(), loading.close()]);
    await clock.flush();
    for (const fate of [reading, starting, getting]) {
      expect(fate.now).toMatchObject({ state: "rejected", error: { code: "CLOSED" } });
    }
    await expect(secrets.ready()).rejects.toMatchObject({ code: "CLOSED" });
  });
});

/** Creates a client with `a` in a store that responds, and `b` in one that never opens. */
function besideOneThatNeverOpens() {
  const store = new ScriptedStore();
  store.set("a", "one");
  const clock = manualClock();
  const secrets = createSecrets({
    declare: declareSecrets({ a: { ref: "a" }, b: { ref: "b" } }),
    adapters: {
      scripted: store.adapter(),
      stuck: { ...new ScriptedStore().adapter(), open: () => new Promise<never>(() => undefined) },
    },
    config: {
      providers: { store: { use: "scripted" }, stuck: { use: "stuck" } },
      routes: [
        { match: "b", to: ["stuck"] },
        { match: "**", to: ["store"] },
      ],
    },
    clock,
    redactor: createRedactor(),
  });
  return { clock, secrets };
}
