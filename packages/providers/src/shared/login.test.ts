import { SecretError } from "@tacit/core/provider";
import { manualClock } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { CachedLogin, type HeldLogin, type LoginSteps } from "./login.ts";
import { EndOnClocks } from "./two-clocks.ts";

const minute = 60_000;
const context = { signal: new AbortController().signal };

interface Key extends HeldLogin {
  readonly number: number;
}

/** Creates a login whose keys expire after ten minutes and cannot be renewed. */
function setUp(steps: Partial<LoginSteps<Key>> = {}) {
  const clock = manualClock();
  let made = 0;
  const cached = new CachedLogin<Key>(
    {
      async login() {
        made += 1;
        const end = new EndOnClocks(10 * minute, clock);
        return {
          number: made,
          get leftMs() {
            return end.leftMs;
          },
          get isUsable() {
            return end.leftMs > 0;
          },
        };
      },
      ...steps,
    },
    { clock, random: () => 0 },
  );
  const dead = new Set<number>();
  const call = (): Promise<number> =>
    cached.call(
      async ({ number }) => {
        if (dead.has(number)) throw new SecretError("UNAUTHENTICATED", "refused");
        return number;
      },
      (error) => (error as SecretError).code === "UNAUTHENTICATED",
      context,
    );
  return { clock, cached, call, dead, made: () => made };
}

test("all calls share one login, which is replaced before it expires", async () => {
  const { clock, call, made } = setUp();
  expect(await Promise.all([call(), call(), call()])).toEqual([1, 1, 1]);
  await clock.advance(6 * minute);
  expect([await call(), made()]).toEqual([2, 2]);
});

test("a call whose login the store refuses is repeated once with a new login", async () => {
  const { call, dead, made } = setUp();
  await call();
  dead.add(1);
  expect(await Promise.all([call(), call()])).toEqual([2, 2]);
  expect(made()).toBe(2);
  dead.add(2).add(3);
  await expect(call()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(made()).toBe(3);
});

test("any other error is thrown unchanged, without a new login", async () => {
  const { cached, call, made } = setUp();
  await call();
  const denied = new SecretError("PERMISSION_DENIED", "no right");
  await expect(
    cached.call(
      () => Promise.reject(denied),
      () => false,
      context,
    ),
  ).rejects.toBe(denied);
  expect(made()).toBe(1);
});

test("from the second refusal of a login on, it is thrown again for a growing pause; an outage is not", async () => {
  let attempts = 0;
  let code: "UNAUTHENTICATED" | "UNAVAILABLE" = "UNAVAILABLE";
  const { call, clock } = setUp({
    login() {
      attempts += 1;
      return Promise.reject(new SecretError(code, "not now"));
    },
  });
  const failing = (): Promise<void> => expect(call()).rejects.toMatchObject({ code });
  for (let read = 0; read < 3; read += 1) await failing();
  expect(attempts).toBe(3);
  code = "UNAUTHENTICATED";
  for (let read = 0; read < 5; read += 1) await failing();
  expect(attempts).toBe(5);
  await clock.advance(1000);
  for (let read = 0; read < 5; read += 1) await failing();
  expect(attempts).toBe(6);
});

test("a renewal keeps the login; a failed one is reported, and retried until the login expires", async () => {
  const failures: unknown[] = [];
  let renewals = 0;
  const { call, clock, made } = setUp({
    renew() {
      renewals += 1;
      return renewals === 1 ? Promise.reject(new SecretError("UNAVAILABLE", "down")) : Promise.resolve(true);
    },
    onFailure: (error) => failures.push(error),
  });
  await call();
  await clock.advance(6 * minute);
  await clock.advance(3 * minute);
  expect([renewals, failures.length, await call(), made()]).toEqual([2, 1, 1, 1]);
});

test("closing ends waiting calls, waits for the login in progress, and returns its result", async () => {
  const gate = Promise.withResolvers<Key>();
  const { cached, call } = setUp({ login: () => gate.promise });
  const waiting = call();
  const closing = cached.close(context);
  await expect(waiting).rejects.toMatchObject({ code: "CLOSED" });
  gate.resolve({ number: 1, isUsable: true, leftMs: undefined });
  expect(await closing).toMatchObject({ number: 1 });
  await expect(call()).rejects.toMatchObject({ code: "CLOSED" });
});
