import { describe, expect, test } from "vitest";
import { fateOf } from "../../test/scripted-client.ts";
import { SecretError, type SecretErrorCode, type SecretErrorOptions } from "../error/secret-error.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { Scheduler } from "../time/scheduler.ts";
import { Gate } from "./gate.ts";

interface Setup {
  readonly clock: ManualClock;
  readonly gate: Gate;
  readonly states: (string | undefined)[];
  /** Makes a call that fails at once. */
  fail(code: SecretErrorCode, options?: SecretErrorOptions, urgent?: boolean): Promise<SecretError>;
  succeed(urgent?: boolean): Promise<unknown>;
  /** Calls that got through. */
  readonly calls: () => number;
}

function setup(random = 0): Setup {
  const clock = manualClock();
  const states: (string | undefined)[] = [];
  const gate = new Gate(new Scheduler(clock, () => random), "vault", (error) => void states.push(error?.code));
  let calls = 0;
  return {
    clock,
    gate,
    states,
    calls: () => calls,
    fail: async (code, options, urgent = false) => {
      const call = async (): Promise<never> => {
        calls += 1;
        throw new SecretError(code, "as scripted", options);
      };
      return await gate.run(call, urgent).catch((error) => error as SecretError);
    },
    succeed: (urgent = false) =>
      gate
        .run(async () => {
          calls += 1;
          return "answer";
        }, urgent)
        .catch((error) => error),
  };
}

describe("closing", () => {
  test("happens after three UNAVAILABLE in a row, not after two", async () => {
    const { gate, fail, states } = setup();
    await fail("UNAVAILABLE");
    await fail("UNAVAILABLE");
    expect(gate.closedUntil).toBe(0);
    await fail("UNAVAILABLE");
    expect(gate.closedUntil).toBe(500);
    expect(states).toEqual(["UNAVAILABLE"]);
  });

  test.each<SecretErrorCode>(["NOT_FOUND", "PERMISSION_DENIED", "INVALID_VALUE", "INTERNAL"])(
    "starts counting again after %s: such an answer proves the store alive",
    async (code) => {
      const { gate, fail } = setup();
      for (const next of ["UNAVAILABLE", "UNAVAILABLE", code, "UNAVAILABLE", "UNAVAILABLE"] as const) await fail(next);
      expect(gate.closedUntil).toBe(0);
    },
  );

  test.each<SecretErrorCode>(["THROTTLED", "UNAUTHENTICATED"])("happens at once on %s", async (code) => {
    const { gate, fail } = setup();
    await fail(code);
    expect(gate.closedUntil).toBe(500);
  });

  test.each<SecretErrorCode>(["UNAVAILABLE", "INTERNAL", "PERMISSION_DENIED"])(
    "happens at once on a Retry-After, which is a floor, also with %s",
    async (code) => {
      const { gate, fail } = setup();
      await fail(code, { retryAfterMs: 20_000 });
      expect(gate.closedUntil).toBe(20_000);
    },
  );

  test.each([0, -1, Number.NaN])("a Retry-After of %d is none", async (retryAfterMs) => {
    const { gate, fail } = setup();
    await fail("UNAVAILABLE", { retryAfterMs });
    expect(gate.closedUntil).toBe(0);
  });

  test("never lasts longer than a Retry-After of five minutes and its jitter", async () => {
    const { gate, fail } = setup(0.999);
    await fail("THROTTLED", { retryAfterMs: 10 ** 12 });
    expect(gate.closedUntil).toBeGreaterThan(300_000);
    expect(gate.closedUntil).toBeLessThan(375_000);
  });

  test("by the end of the client is no answer of the store", async () => {
    const { fail, states } = setup();
    await fail("THROTTLED");
    await fail("CLOSED", undefined, true);
    expect(states).toEqual(["THROTTLED"]);
  });
});

describe("while closed", () => {
  test("a call rejects at once with the closing code and the time that is left", async () => {
    const { clock, fail, calls } = setup();
    await fail("THROTTLED", { retryAfterMs: 10_000 });
    await clock.advance(4_000);
    const error = await fail("INTERNAL");
    expect([error.code, error.retryAfterMs, error.provider]).toEqual(["THROTTLED", 6_000, "vault"]);
    expect(calls()).toBe(1);
  });

  test("the denial of one secret, with a Retry-After, is THROTTLED to the others", async () => {
    const { fail } = setup();
    await fail("PERMISSION_DENIED", { retryAfterMs: 10_000 });
    expect(await fail("INTERNAL")).toMatchObject({ code: "THROTTLED", retryAfterMs: 10_000 });
  });

  test("one probe goes at a time, and every other read shares its outcome", async () => {
    const { clock, gate, fail } = setup();
    await fail("THROTTLED");
    await clock.advance(500);
    let calls = 0;
    const probe = Promise.withResolvers<string>();
    const answers = Array.from({ length: 50 }, () =>
      gate.run(() => {
        calls += 1;
        return calls === 1 ? probe.promise : Promise.resolve("behind it");
      }, false),
    );
    const fates = answers.map((answer) => fateOf(answer));
    await clock.flush();
    expect(calls).toBe(1);
    probe.reject(new SecretError("UNAVAILABLE", "still down"));
    await clock.flush();
    expect(calls).toBe(1);
    expect(fates.every(({ now }) => now.state === "rejected")).toBe(true);
    expect(gate.closedUntil).toBeGreaterThan(500);
  });

  test("a probe that succeeds opens it for those who waited", async () => {
    const { clock, fail, gate, states } = setup();
    await fail("THROTTLED");
    await clock.advance(500);
    const answers = await Promise.all([1, 2, 3].map((answer) => gate.run(async () => answer, false)));
    expect(answers).toEqual([1, 2, 3]);
    expect(states).toEqual(["THROTTLED", undefined]);
  });

  test.each<SecretErrorCode>(["NOT_FOUND", "PERMISSION_DENIED", "INVALID_VALUE", "INTERNAL"])(
    "a probe that ends with %s opens it too",
    async (code) => {
      const { clock, fail, gate } = setup();
      await fail("THROTTLED");
      await clock.advance(500);
      await fail(code);
      expect(gate.closedUntil).toBe(0);
    },
  );

  test("each failed probe doubles the wait, up to a minute", async () => {
    const { clock, fail, gate } = setup();
    await fail("THROTTLED");
    const waits: number[] = [];
    for (let probe = 0; probe < 8; probe += 1) {
      waits.push(gate.closedUntil - clock.monotonic());
      await clock.advance(gate.closedUntil - clock.monotonic());
      await fail("UNAVAILABLE");
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test("a local hint may be the probe before its time", async () => {
    const { fail, succeed, gate } = setup();
    for (let failure = 0; failure < 3; failure += 1) await fail("UNAVAILABLE");
    expect(await succeed(true)).toBe("answer");
    expect(gate.closedUntil).toBe(0);
  });

  test("a local hint never goes inside a Retry-After", async () => {
    const { clock, fail, succeed } = setup();
    await fail("THROTTLED", { retryAfterMs: 5_000 });
    await clock.advance(4_999);
    expect(await succeed(true)).toMatchObject({ code: "THROTTLED" });
    await clock.advance(1);
    expect(await succeed(true)).toBe("answer");
  });
});

describe("answers to calls from before the closing", () => {
  async function withOneInFlight(code: SecretErrorCode, options: SecretErrorOptions) {
    const { clock, gate, fail } = setup();
    const early = Promise.withResolvers<string>();
    const answer = gate.run(() => early.promise, false);
    await fail(code, options);
    early.resolve("late");
    await answer;
    return { clock, gate };
  }

  test("open it: the store lives", async () => {
    const { gate } = await withOneInFlight("UNAUTHENTICATED", {});
    expect(gate.closedUntil).toBe(0);
  });

  test("do not lift a Retry-After", async () => {
    const { gate } = await withOneInFlight("THROTTLED", { retryAfterMs: 30_000 });
    expect(gate.closedUntil).toBe(30_000);
  });
});

describe("slots", () => {
  test("at most 16 calls are in flight, the others wait in order", async () => {
    const { clock, gate } = setup();
    const running: PromiseWithResolvers<number>[] = [];
    const started: number[] = [];
    const answers = Array.from({ length: 40 }, (_, id) =>
      gate.run(() => {
        started.push(id);
        const call = Promise.withResolvers<number>();
        running.push(call);
        return call.promise;
      }, false),
    );
    await clock.flush();
    expect(started).toHaveLength(16);
    while (running.length > 0) {
      running.shift()?.resolve(1);
      await clock.flush();
      expect(running.length).toBeLessThanOrEqual(16);
    }
    await Promise.all(answers);
    expect(started).toEqual(Array.from({ length: 40 }, (_, id) => id));
  });

  test("a failed call gives its slot back", async () => {
    const { gate, fail } = setup();
    for (let call = 0; call < 100; call += 1) await fail("NOT_FOUND");
    expect(await gate.run(async () => "free", false)).toBe("free");
  });

  test("those who wait for a slot when it closes are answered, not sent", async () => {
    const { clock, gate } = setup();
    const running: PromiseWithResolvers<never>[] = [];
    const answers = Array.from({ length: 100 }, () =>
      gate.run(() => {
        const call = Promise.withResolvers<never>();
        running.push(call);
        return call.promise;
      }, false),
    );
    const fates = answers.map((answer) => fateOf(answer));
    await clock.flush();
    for (const call of running.splice(0)) call.reject(new SecretError("UNAVAILABLE", "down"));
    await clock.flush();
    for (const call of running.splice(0)) call.reject(new SecretError("UNAVAILABLE", "down"));
    await clock.flush();
    expect(running).toHaveLength(0);
    expect(fates.every(({ now }) => now.state === "rejected")).toBe(true);
  });
});
