import { describe, expect, test } from "vitest";
import { type Declarations, type Declared, declareSecrets, type Secret } from "../../src/index.ts";
import { advanceUntil, latest } from "../scripted-client.ts";
import type { ScriptedStore } from "../scripted-store.ts";
import { type Pair, pair } from "../store-pair.ts";

const hour = 3_600_000;

/** A chain that `b` serves, since `a` was down from the start. */
async function servedByLower(
  declare: Declared<Declarations>,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Pair> {
  const made = pair(["UNAVAILABLE"], { declare, config });
  made.a.fail("UNAVAILABLE");
  made.b.set("db", "b-one");
  await advanceUntil(made.clock, made.secrets.ready());
  expect(latest(made.secrets, "db")).toBe("b-one");
  return made;
}

const notBad = (next: Secret): boolean => next.reveal() !== "bad";
const choosy = declareSecrets({ db: { ref: "db", accept: notBad } });

/** Answers of a better source that no view takes over. */
const refusals: readonly (readonly [string, Declared<Declarations>, (a: ScriptedStore) => void])[] = [
  ["that `accept` refuses", choosy, (a) => a.set("db", "bad")],
  [
    "about which `accept` throws",
    declareSecrets({
      db: {
        ref: "db",
        accept: (next: Secret) => {
          if (!notBad(next)) throw new Error("no such login");
        },
      },
    }),
    (a) => a.set("db", "bad"),
  ],
  ["that cannot be decoded", declareSecrets({ db: { ref: "db" } }), (a) => a.set("db", "")],
  [
    "with several fields where one value is wanted",
    declareSecrets({ db: { ref: "db" } }),
    (a) => a.set("db", { x: "y" }),
  ],
  [
    "that has already ended",
    declareSecrets({ db: { ref: "db" } }),
    (a) => a.set("db", "ended", { expiresAt: new Date("2025-12-31T00:00:00Z") }),
  ],
];

describe.each(refusals)("a value of a better source %s", (_, declare, setBad) => {
  test("leaves the lower source fresh: its next rotation is served", async () => {
    const { secrets, a, b, clock } = await servedByLower(declare);
    a.heal();
    setBad(a);
    await clock.advance(300_000);
    expect(latest(secrets, "db")).toBe("b-one");
    const before = b.reads.length;
    b.set("db", "b-two");
    await clock.advance(hour);
    expect(b.reads.length).toBeGreaterThan(before + 10);
    expect(latest(secrets, "db")).toBe("b-two");
    expect(secrets.health().status).toBe("degraded");
  });

  test("leaves the lower source subscribed", async () => {
    const made = pair(["UNAVAILABLE"], { declare });
    const { secrets, a, b, clock } = made;
    b.supports = { ...b.supports, subscribe: "local" };
    a.fail("UNAVAILABLE");
    b.set("db", "b-one");
    await advanceUntil(clock, secrets.ready());
    a.heal();
    setBad(a);
    await clock.advance(300_000);
    b.set("db", "b-two");
    b.hint("db");
    await clock.flush();
    expect(latest(secrets, "db")).toBe("b-two");
  });

  test("gives way to a good one of that source, which then serves alone", async () => {
    const { secrets, a, b, clock } = await servedByLower(declare);
    a.heal();
    setBad(a);
    await clock.advance(300_000);
    a.set("db", "a-good");
    await clock.advance(300_000);
    expect(latest(secrets, "db")).toBe("a-good");
    const before = b.reads.length;
    await clock.advance(hour);
    expect(b.reads.length).toBe(before);
  });

  test("does not keep a first load from the lower source once the better one is down", async () => {
    const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare });
    setBad(a);
    b.set("db", "b-one");
    void secrets.ready().catch(() => undefined);
    await clock.advance(30_000);
    a.fail("UNAVAILABLE");
    await clock.advance(300_000);
    expect(latest(secrets, "db")).toBe("b-one");
  });

  test("does not keep an ended value from its replacement at the lower source", async () => {
    const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare });
    a.set("db", "a-one", { expiresAt: new Date(clock.now() + 600_000) });
    await advanceUntil(clock, secrets.ready());
    setBad(a);
    await clock.advance(300_000);
    a.fail("UNAVAILABLE");
    b.set("db", "b-one");
    await clock.advance(hour);
    expect(latest(secrets, "db")).toBe("b-one");
  });
});

test("a better source that holds the dropped value leaves the lower one fresh", async () => {
  const declare = declareSecrets({ db: { ref: "db" } });
  const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare });
  a.set("db", "leaked");
  await advanceUntil(clock, secrets.ready());
  a.fail("UNAVAILABLE");
  b.set("db", "b-one");
  secrets.invalidate("db", { drop: true });
  await clock.advance(300_000);
  expect(latest(secrets, "db")).toBe("b-one");
  a.heal();
  await clock.advance(300_000);
  b.set("db", "b-two");
  await clock.advance(hour);
  expect(latest(secrets, "db")).toBe("b-two");
});

test("while `accept` decides about the value of a better source, the lower one stays fresh", async () => {
  const verdict = Promise.withResolvers<boolean>();
  const declare = declareSecrets({
    db: { ref: "db", accept: (next: Secret) => !next.reveal().startsWith("a-") || verdict.promise },
  });
  const made = pair(["UNAVAILABLE"], { declare });
  const { secrets, a, b, clock } = made;
  b.supports = { ...b.supports, subscribe: "local" };
  a.fail("UNAVAILABLE");
  b.set("db", "b-one");
  await advanceUntil(clock, secrets.ready());
  a.heal();
  a.set("db", "a-one");
  for (let n = 0; n < 3_000 && a.reads.at(-1)?.ifVersion === undefined && a.inFlight === 0; n += 1) {
    const { length } = a.reads;
    await clock.advance(100);
    if (a.reads.length > length && latest(secrets, "db") === "b-one") break;
  }
  expect(b.hints.get("db")?.size).toBe(1);
  verdict.resolve(true);
  await clock.advance(300_000);
  expect(latest(secrets, "db")).toBe("a-one");
  await clock.advance(1_000);
  expect(b.hints.get("db")?.size ?? 0).toBe(0);
});

test("a resource that cannot be opened for the value of a better source leaves the lower one fresh", async () => {
  const declare = declareSecrets({ db: { ref: "db" } });
  const { secrets, a, b, clock } = await servedByLower(declare);
  const derived = secrets.derive("db" as never, {
    open: (secret: Secret) => {
      if (secret.reveal() === "bad") throw new Error("no such login");
      return secret.reveal();
    },
  });
  await advanceUntil(clock, secrets.ready());
  a.heal();
  a.set("db", "bad");
  await clock.advance(300_000);
  b.set("db", "b-two");
  await clock.advance(hour);
  expect(derived.current).toBe("b-two");
});

test("what preceded the present value comes from the source that serves it", async () => {
  const declare = declareSecrets({ db: { ref: "db", accept: notBad }, old: { ref: "db@previous", optional: true } });
  const { secrets, a, b, clock } = pair(["UNAVAILABLE"], { declare });
  a.fail("UNAVAILABLE");
  b.set("db", "b-zero");
  b.set("db", "b-one");
  await advanceUntil(clock, secrets.ready());
  a.heal();
  a.set("db", "a-old");
  a.set("db", "bad");
  await clock.advance(300_000);
  const previous = secrets.getSecret("db@previous", { freshness: "fresh" });
  expect((await advanceUntil(clock, previous)).reveal()).toBe("b-zero");
});

test("a refused value of a better source is neither a change nor the end of a fallback", async () => {
  const { secrets, a, clock, eventsOf } = await servedByLower(choosy);
  a.heal();
  a.set("db", "bad");
  await clock.advance(300_000);
  expect(eventsOf("change")).toHaveLength(1);
  expect((secrets.latest("db" as never) as unknown as Secret).meta.fallback).toBe(true);
  const degraded = eventsOf("provider-degraded").filter(({ code }) => code === "fallback");
  expect(degraded).toHaveLength(1);
});
