import { describe, expect, test } from "vitest";
import { settledOf } from "../../test/scripted-client.ts";
import { SecretError, type SecretErrorCode, type SecretErrorOptions } from "../error/secret-error.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { Scheduler } from "../time/scheduler.ts";
import { Availability } from "./availability.ts";

interface Setup {
  readonly clock: ManualClock;
  readonly availability: Availability;
  readonly states: (string | undefined)[];
  /** Makes a call for a path that fails at once. */
  fail(path: string, code: SecretErrorCode, options?: SecretErrorOptions, urgent?: boolean): Promise<SecretError>;
  succeed(path: string, urgent?: boolean): Promise<unknown>;
  /** Fails with enough paths to take the store for down. */
  failAll(): Promise<void>;
  /** When a path may be asked for that has not failed. */
  readonly until: () => number;
  /** Calls that got through. */
  readonly calls: () => number;
}

function setup(random = 0): Setup {
  const clock = manualClock();
  const states: (string | undefined)[] = [];
  const scheduler = new Scheduler(clock, () => random);
  const availability = new Availability(scheduler, "vault", (error) => void states.push(error?.code));
  let calls = 0;
  const fail: Setup["fail"] = async (path, code, options, urgent = false) => {
    const call = async (): Promise<never> => {
      calls += 1;
      throw new SecretError(code, "as scripted", options);
    };
    return await availability.run(path, call, urgent).catch((error) => error as SecretError);
  };
  return {
    clock,
    availability,
    states,
    calls: () => calls,
    fail,
    failAll: async () => {
      for (const path of ["a", "b", "c"]) await fail(path, "UNAVAILABLE");
    },
    succeed: (path, urgent = false) =>
      availability
        .run(
          path,
          async () => {
            calls += 1;
            return "answer";
          },
          urgent,
        )
        .catch((error) => error),
    until: () => availability.retryAt("never asked for"),
  };
}

describe("a provider becomes unavailable", () => {
  test("after three paths in a row were UNAVAILABLE, not after two", async () => {
    const { availability, fail, states, until } = setup();
    await fail("a", "UNAVAILABLE");
    await fail("b", "UNAVAILABLE");
    expect(availability.isAvailable).toBe(true);
    await fail("c", "UNAVAILABLE");
    expect([availability.isAvailable, until()]).toEqual([false, 500]);
    expect(states).toEqual(["UNAVAILABLE"]);
  });

  test("never because of one or two paths, however often they fail", async () => {
    const { availability, fail, calls } = setup();
    for (let round = 0; round < 50; round += 1) for (const path of ["a", "b"]) await fail(path, "UNAVAILABLE");
    expect([availability.isAvailable, calls()]).toEqual([true, 100]);
  });

  test("never because of paths that are broken by themselves", async () => {
    const { availability, fail, calls } = setup();
    const codes: readonly SecretErrorCode[] = ["UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED", "INTERNAL"];
    for (const code of codes)
      for (const path of ["a", "b", "c", "d"]) await fail(path, code, { scope: "path", retryAfterMs: 20_000 });
    expect([availability.isAvailable, calls()]).toEqual([true, 16]);
  });

  test.each<[SecretErrorCode, SecretErrorOptions]>([
    ["NOT_FOUND", {}],
    ["PERMISSION_DENIED", {}],
    ["INVALID_VALUE", {}],
    ["INTERNAL", {}],
    ["UNAVAILABLE", { scope: "path" }],
  ])("with the count reset after %s %o, which proves that the store responds", async (code, options) => {
    const { availability, fail } = setup();
    for (const path of ["a", "b"]) await fail(path, "UNAVAILABLE");
    await fail("c", code, options);
    for (const path of ["d", "e"]) await fail(path, "UNAVAILABLE");
    expect(availability.isAvailable).toBe(true);
  });

  test.each<SecretErrorCode>(["THROTTLED", "UNAUTHENTICATED"])("at once on %s", async (code) => {
    const { fail, until } = setup();
    await fail("a", code);
    expect(until()).toBe(500);
  });

  test.each<SecretErrorCode>(["UNAVAILABLE", "INTERNAL", "PERMISSION_DENIED"])(
    "at once on a Retry-After, which is a floor, also with %s",
    async (code) => {
      const { fail, until } = setup();
      await fail("a", code, { retryAfterMs: 20_000 });
      expect(until()).toBe(20_000);
    },
  );

  test.each([0, -1, Number.NaN])("not on a Retry-After of %d, which is none", async (retryAfterMs) => {
    const { availability, fail } = setup();
    await fail("a", "UNAVAILABLE", { retryAfterMs });
    expect(availability.isAvailable).toBe(true);
  });

  test("for no longer than a Retry-After of five minutes and its jitter", async () => {
    const { fail, until } = setup(0.999);
    await fail("a", "THROTTLED", { retryAfterMs: 10 ** 12 });
    expect(until()).toBeGreaterThan(300_000);
    expect(until()).toBeLessThan(375_000);
  });

  test("not when the client closes, which is no response of the store", async () => {
    const { fail, states } = setup();
    await fail("a", "THROTTLED");
    await fail("a", "CLOSED", undefined, true);
    expect(states).toEqual(["THROTTLED"]);
  });
});

describe("the probe of an unavailable provider", () => {
  test("is left to the paths that have not failed for a second", async () => {
    const { clock, availability, failAll, fail, calls } = setup();
    await failAll();
    expect([availability.retryAt("a"), availability.retryAt("other")]).toEqual([1_500, 500]);
    await clock.advance(1_499);
    expect(await fail("a", "INTERNAL")).toMatchObject({ code: "UNAVAILABLE", retryAfterMs: 1 });
    expect(calls()).toBe(3);
    await clock.advance(1);
    await fail("a", "INTERNAL");
    expect([calls(), availability.isAvailable]).toEqual([4, true]);
  });

  test("by a path that has not failed makes it available for all", async () => {
    const { clock, availability, failAll, succeed } = setup();
    await failAll();
    await clock.advance(500);
    expect(await succeed("other")).toBe("answer");
    expect(availability.retryAt("a")).toBe(0);
    expect(await succeed("a")).toBe("answer");
  });

  test("is allowed for every path if the login fails, and no path", async () => {
    const { clock, fail, succeed } = setup();
    await fail("a", "UNAUTHENTICATED");
    await clock.advance(500);
    expect(await succeed("a")).toBe("answer");
  });

  test("sent early, for hints of broken paths, does not postpone the probe of the other paths", async () => {
    const { clock, failAll, fail, succeed, until } = setup();
    await failAll();
    for (let round = 0; round < 49; round += 1) {
      await clock.advance(10);
      await fail("a", "UNAVAILABLE", undefined, true);
    }
    expect(until()).toBe(500);
    await clock.advance(10);
    expect(await succeed("other")).toBe("answer");
  });

  test("sent early obeys a Retry-After of its failure", async () => {
    const { clock, failAll, fail, until } = setup();
    await failAll();
    await clock.advance(100);
    await fail("a", "UNAVAILABLE", { retryAfterMs: 5_000 }, true);
    expect(until()).toBe(5_100);
  });
});

describe("while unavailable", () => {
  test("a call rejects at once with the code and the remaining time", async () => {
    const { clock, fail, calls } = setup();
    await fail("a", "THROTTLED", { retryAfterMs: 10_000 });
    await clock.advance(4_000);
    const error = await fail("a", "INTERNAL");
    expect([error.code, error.retryAfterMs, error.provider]).toEqual(["THROTTLED", 6_000, "vault"]);
    expect(calls()).toBe(1);
  });

  test("the denial of one secret, with a Retry-After, is THROTTLED to the others", async () => {
    const { fail } = setup();
    await fail("a", "PERMISSION_DENIED", { retryAfterMs: 10_000 });
    expect(await fail("a", "INTERNAL")).toMatchObject({ code: "THROTTLED", retryAfterMs: 10_000 });
  });

  test("only one probe runs at a time, and every other read shares its outcome", async () => {
    const { clock, availability, fail, until } = setup();
    await fail("a", "THROTTLED");
    await clock.advance(500);
    let calls = 0;
    const probe = Promise.withResolvers<string>();
    const answers = Array.from({ length: 50 }, () =>
      availability.run(
        "a",
        () => {
          calls += 1;
          return calls === 1 ? probe.promise : Promise.resolve("behind it");
        },
        false,
      ),
    );
    const fates = answers.map((answer) => settledOf(answer));
    await clock.flush();
    expect(calls).toBe(1);
    probe.reject(new SecretError("UNAVAILABLE", "still down"));
    await clock.flush();
    expect(calls).toBe(1);
    expect(fates.every(({ now }) => now.state === "rejected")).toBe(true);
    expect(until()).toBeGreaterThan(500);
  });

  test("a successful probe makes the provider available for waiting reads", async () => {
    const { clock, fail, availability, states } = setup();
    await fail("a", "THROTTLED");
    await clock.advance(500);
    const answers = await Promise.all([1, 2, 3].map((answer) => availability.run("a", async () => answer, false)));
    expect(answers).toEqual([1, 2, 3]);
    expect(states).toEqual(["THROTTLED", undefined]);
  });

  test.each<SecretErrorCode>(["NOT_FOUND", "PERMISSION_DENIED", "INVALID_VALUE", "INTERNAL"])(
    "a probe that ends with %s ends it too",
    async (code) => {
      const { clock, fail, availability } = setup();
      await fail("a", "THROTTLED");
      await clock.advance(500);
      await fail("a", code);
      expect(availability.isAvailable).toBe(true);
    },
  );

  test("each failed probe doubles the wait, up to a minute", async () => {
    const { clock, fail, until } = setup();
    await fail("a", "THROTTLED");
    const waits: number[] = [];
    for (let probe = 0; probe < 8; probe += 1) {
      waits.push(until() - clock.monotonic());
      await clock.advance(until() - clock.monotonic());
      await fail(`path-${probe}`, "UNAVAILABLE");
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test("a local hint may start the probe early", async () => {
    const { failAll, succeed, availability } = setup();
    await failAll();
    expect(await succeed("a", true)).toBe("answer");
    expect(availability.isAvailable).toBe(true);
  });

  test("a local hint never starts a probe before a Retry-After ends", async () => {
    const { clock, fail, succeed } = setup();
    await fail("a", "THROTTLED", { retryAfterMs: 5_000 });
    await clock.advance(4_999);
    expect(await succeed("a", true)).toMatchObject({ code: "THROTTLED" });
    await clock.advance(1);
    expect(await succeed("a", true)).toBe("answer");
  });
});

describe("results of calls that began before an outage", () => {
  async function withOneInFlight(code: SecretErrorCode, options: SecretErrorOptions) {
    const { availability, fail, until } = setup();
    const early = Promise.withResolvers<string>();
    const answer = availability.run("a", () => early.promise, false);
    await fail("a", code, options);
    early.resolve("late");
    await answer;
    return { availability, until };
  }

  test("end the outage, because the store responds", async () => {
    const { availability } = await withOneInFlight("UNAUTHENTICATED", {});
    expect(availability.isAvailable).toBe(true);
  });

  test("do not lift a Retry-After", async () => {
    const { until } = await withOneInFlight("THROTTLED", { retryAfterMs: 30_000 });
    expect(until()).toBe(30_000);
  });
});

describe("slots", () => {
  test("at most 16 calls are in flight, the others wait in order", async () => {
    const { clock, availability } = setup();
    const running: PromiseWithResolvers<number>[] = [];
    const started: number[] = [];
    const answers = Array.from({ length: 40 }, (_, id) =>
      availability.run(
        "a",
        () => {
          started.push(id);
          const call = Promise.withResolvers<number>();
          running.push(call);
          return call.promise;
        },
        false,
      ),
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

  test("a failed call releases its slot", async () => {
    const { availability, fail } = setup();
    for (let call = 0; call < 100; call += 1) await fail("a", "NOT_FOUND");
    expect(await availability.run("a", async () => "free", false)).toBe("free");
  });

  test("calls that wait for a slot are rejected, not sent, when the provider becomes unavailable", async () => {
    const { clock, availability } = setup();
    const running: PromiseWithResolvers<never>[] = [];
    const answers = Array.from({ length: 100 }, (_, id) =>
      availability.run(
        `path-${id}`,
        () => {
          const call = Promise.withResolvers<never>();
          running.push(call);
          return call.promise;
        },
        false,
      ),
    );
    const fates = answers.map((answer) => settledOf(answer));
    await clock.flush();
    for (const call of running.splice(0)) call.reject(new SecretError("UNAVAILABLE", "down"));
    await clock.flush();
    for (const call of running.splice(0)) call.reject(new SecretError("UNAVAILABLE", "down"));
    await clock.flush();
    expect(running).toHaveLength(0);
    expect(fates.every(({ now }) => now.state === "rejected")).toBe(true);
  });
});
