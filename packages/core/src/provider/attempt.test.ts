import { describe, expect, test } from "vitest";
import { settledOf } from "../../test/scripted-client.ts";
import type { CallContext } from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { Scheduler } from "../time/scheduler.ts";
import { Attempts } from "./attempt.ts";

interface Setup {
  readonly clock: ManualClock;
  readonly closing: AbortController;
  start<T>(call: (context: CallContext) => Promise<T>): Promise<T>;
}

function setup(): Setup {
  const clock = manualClock();
  const scheduler = new Scheduler(clock, Math.random);
  const closing = new AbortController();
  const redact = (text: string): string => text.replaceAll("s3cret-fixture", "[REDACTED]");
  const attempts = new Attempts({ provider: "vault", scheduler, closed: closing.signal, redact });
  return { clock, closing, start: (call) => attempts.run(call) };
}

const forEver = (): Promise<never> => new Promise(() => undefined);

describe("an attempt", () => {
  test("ends at its deadline, 10 s from dispatch, though the provider ignores its signal", async () => {
    const { clock, start } = setup();
    const fate = settledOf(start(forEver));
    await clock.advance(9_999);
    expect(fate.now.state).toBe("pending");
    await clock.advance(1);
    expect(fate.now).toMatchObject({ error: { code: "UNAVAILABLE", reason: "timeout", provider: "vault" } });
    expect(clock.armed).toBe(0);
  });

  test("aborts the provider's signal at the deadline, with the same error", async () => {
    const { clock, start } = setup();
    let seen: AbortSignal | undefined;
    const fate = settledOf(
      start(({ signal }) => {
        seen = signal;
        return forEver();
      }),
    );
    await clock.advance(10_000);
    expect(seen?.reason).toBe((fate.now as { error: unknown }).error);
  });

  test("passes an already aborted signal to a provider that first reads it after the end", async () => {
    const { clock, start } = setup();
    let context: CallContext | undefined;
    const fate = settledOf(
      start((given) => {
        context = given;
        return forEver();
      }),
    );
    await clock.advance(10_000);
    expect(context?.signal.reason).toBe((fate.now as { error: unknown }).error);
  });

  test("leaves no timer behind when it ends early", async () => {
    const { clock, start } = setup();
    expect(await start(async () => 1)).toBe(1);
    await start(async () => Promise.reject(new SecretError("NOT_FOUND", "no"))).catch(() => undefined);
    expect(clock.armed).toBe(0);
  });

  test("ends with CLOSED when the client closes, and makes no call after that", async () => {
    const { clock, closing, start } = setup();
    const fate = settledOf(start(forEver));
    closing.abort();
    await clock.flush();
    expect(fate.now).toMatchObject({ error: { code: "CLOSED" } });
    await expect(start(async () => expect.unreachable())).rejects.toMatchObject({ code: "CLOSED" });
    expect(clock.armed).toBe(0);
  });

  test("treats a synchronous throw of a provider as a rejection", async () => {
    const { start } = setup();
    const thrower = (): never => {
      throw new TypeError("token s3cret-fixture");
    };
    const error = await start(thrower).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "INTERNAL", reason: "unexpected", provider: "vault" });
    expect(`${error}${(error as Error).stack}${(error as Error).cause}`).not.toContain("s3cret-fixture");
  });

  test("redacts the message of an adapter's own error, and names the provider", async () => {
    const { start } = setup();
    const failing = start(async () => Promise.reject(new SecretError("UNAVAILABLE", "no route for s3cret-fixture")));
    await expect(failing).rejects.toMatchObject({ message: "no route for [REDACTED]", provider: "vault" });
  });

  test.each<[string, (setup: Setup) => unknown]>([
    ["after the deadline", ({ clock }) => clock.advance(10_000)],
    ["after the client has closed", ({ closing }) => closing.abort()],
  ])("stays rejected when a result arrives %s", async (_title, end) => {
    const made = setup();
    const late = Promise.withResolvers<string>();
    const fate = settledOf(made.start(() => late.promise));
    await end(made);
    late.resolve("late");
    await made.clock.flush();
    expect(fate.now.state).toBe("rejected");
  });
});
