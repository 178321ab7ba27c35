import { describe, expect, test } from "vitest";
import { declareSecrets, object, type Secret, SecretError } from "../../src/index.ts";
import { declaredClient } from "../declared-client.ts";
import { leasingClient } from "../leasing-client.ts";
import { advanceUntil } from "../scripted-client.ts";

const minute = 60_000;

interface Verdicts {
  answer: boolean | Promise<boolean>;
}

/** A client that serves "one", whose `accept` says of any other value what the test says. */
async function client(verdicts: Verdicts) {
  const accept = (next: Secret): boolean | Promise<boolean> => next.reveal() === "one" || verdicts.answer;
  const made = declaredClient(declareSecrets({ db: { ref: "db", accept } }), { supports: { subscribe: "local" } });
  made.store.set("db", "one");
  await made.secrets.ready();
  const told: string[] = [];
  made.secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal()));
  const opened: string[] = [];
  const derived = made.secrets.derive("db", {
    open: (secret) => {
      opened.push(secret.reveal());
      return secret.reveal();
    },
  });
  await made.secrets.ready();
  /** Offers a value with an end, then takes the store away. */
  const offer = async (livesMs: number): Promise<void> => {
    made.store.set("db", "short", { expiresAt: new Date(made.clock.now() + livesMs) });
    made.store.hint("db");
    await made.clock.flush();
    made.store.fail("UNAVAILABLE");
  };
  const expectUntouched = (): void => {
    expect(told).toEqual([]);
    expect(opened).toEqual(["one"]);
    expect(made.secrets.latest("db").reveal()).toBe("one");
    expect(derived.current).toBe("one");
  };
  return { ...made, offer, told, opened, expectUntouched };
}

describe("a candidate that has ended is not taken over", () => {
  test("when `accept` allows it only then", async () => {
    const verdicts: Verdicts = { answer: false };
    const { clock, offer, expectUntouched } = await client(verdicts);
    await offer(90_000);
    await clock.advance(200_000);
    verdicts.answer = true;
    await clock.advance(300_000);
    expectUntouched();
  });

  test("when `accept` was deciding while it ended", async () => {
    const verdict = Promise.withResolvers<boolean>();
    const { clock, offer, expectUntouched } = await client({ answer: verdict.promise });
    await offer(5_000);
    await clock.advance(6_000);
    verdict.resolve(true);
    await clock.advance(2_000);
    expectUntouched();
  });

  test.each([
    ["the machine slept", true],
    ["the event loop was blocked", false],
  ])("when %s while `accept` was deciding", async (_, monotonicStops) => {
    const verdict = Promise.withResolvers<boolean>();
    const { clock, offer, expectUntouched } = await client({ answer: verdict.promise });
    await offer(30 * minute);
    clock.suspend(60 * minute, { monotonicStops });
    verdict.resolve(true);
    await clock.flush();
    expectUntouched();
  });

  test("when it had ended before it was read", async () => {
    const { clock, offer, expectUntouched } = await client({ answer: true });
    await offer(-1_000);
    await clock.advance(30_000);
    expectUntouched();
  });

  test("when nobody is asked about it", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "one");
    await secrets.ready();
    const told: string[] = [];
    secrets.watch("db").on("change", ({ current }) => void told.push(current.reveal()));
    await clock.flush();
    store.set("db", "short", { expiresAt: new Date(clock.now() - 1_000) });
    store.hint("db");
    await clock.advance(1_000);
    expect(told).toEqual([]);
    expect(secrets.latest("db").reveal()).toBe("one");
  });

  test("when it ends while a resource is opened for it", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }), {
      supports: { subscribe: "local" },
    });
    store.set("db", "one");
    const opening = Promise.withResolvers<void>();
    const log: string[] = [];
    const derived = secrets.derive("db", {
      open: async (secret) => {
        if (secret.reveal() === "short") await opening.promise;
        return secret.reveal();
      },
      close: (resource) => void log.push(`close ${resource}`),
    });
    await secrets.ready();
    store.set("db", "short", { expiresAt: new Date(clock.now() + 5_000) });
    store.hint("db");
    await clock.flush();
    store.fail("UNAVAILABLE");
    await clock.advance(6_000);
    opening.resolve();
    await clock.advance(1_000);
    expect(secrets.latest("db").reveal()).toBe("one");
    expect(derived.current).toBe("one");
    expect(log).toEqual(["close short"]);
  });

  test("but one that has not ended is, at the first chance", async () => {
    const verdicts: Verdicts = { answer: false };
    const { secrets, clock, offer } = await client(verdicts);
    await offer(600_000);
    await clock.advance(1_000);
    verdicts.answer = true;
    await clock.advance(120_000);
    expect(secrets.latest("db").reveal()).toBe("short");
  });
});

describe("a first value that has already ended", () => {
  test("is not served", async () => {
    const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }));
    store.set("db", "ended", { expiresAt: new Date(clock.now() - 1_000) });
    await expect(advanceUntil(clock, secrets.ready())).rejects.toMatchObject({ code: "NOT_READY" });
    expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ name: "SecretError" }));
  });
});

describe("a leased credential", () => {
  const declared = declareSecrets({ c: { ref: "creds/x", as: object(["username", "password"]) } });

  test.each([
    ["the machine sleeps", true],
    ["the event loop is blocked", false],
  ])("is not served past its end when %s", async (_, monotonicStops) => {
    const { secrets, store, clock } = leasingClient(declared);
    await secrets.ready();
    await clock.advance(15_000);
    store.issueError = new SecretError("UNAVAILABLE", "none to be had");
    store.renewError = store.issueError;
    clock.suspend(10 * minute, { monotonicStops });
    expect(store.alive).toEqual([]);
    expect(() => secrets.latest("c")).toThrow(expect.objectContaining({ code: "UNAVAILABLE", reason: "expired" }));
  });

  test("is not served past its end when the wall clock is set back", async () => {
    const { secrets, store, clock } = leasingClient(declared);
    await secrets.ready();
    await clock.advance(15_000);
    store.issueError = new SecretError("UNAVAILABLE", "none to be had");
    store.renewError = store.issueError;
    clock.jump(-3_600_000);
    clock.suspend(2 * minute);
    expect(() => secrets.latest("c")).toThrow(expect.objectContaining({ reason: "expired" }));
  });

  test("that a read finds ended after a sleep is replaced by that read", async () => {
    const { secrets, store, clock } = leasingClient(declared);
    await secrets.ready();
    await clock.advance(15_000);
    clock.suspend(10 * minute, { monotonicStops: true });
    const read = await advanceUntil(clock, secrets.getSecret("c"));
    expect(read.reveal().password).toBe("password-2");
    expect(store.issued).toHaveLength(2);
  });

  test("that was made just before a sleep is replaced by the read after it, although the clock stood still", async () => {
    const { secrets, clock } = leasingClient(declared);
    await secrets.ready();
    clock.suspend(10 * minute, { monotonicStops: true });
    const read = await advanceUntil(clock, secrets.getSecret("c"), 15_000);
    expect(read.reveal().password).toBe("password-2");
  });
});

test("a value without an end is served after any sleep", async () => {
  const { secrets, store, clock } = declaredClient(declareSecrets({ db: { ref: "db" } }));
  store.set("db", "one");
  await secrets.ready();
  store.fail("UNAVAILABLE");
  clock.suspend(365 * 24 * 60 * minute, { monotonicStops: true });
  expect(secrets.latest("db").reveal()).toBe("one");
});
