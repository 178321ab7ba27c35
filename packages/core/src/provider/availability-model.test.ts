import fc from "fast-check";
import { expect, test } from "vitest";
import { isSecretError, SecretError, type SecretErrorOptions } from "../error/secret-error.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { Scheduler } from "../time/scheduler.ts";
import { Availability, isUnavailableRefusal } from "./availability.ts";

const paths = ["a", "b", "c", "d", "e"];
const outcome = fc.oneof(
  fc.constant("ok" as const),
  fc.constantFrom("UNAVAILABLE", "UNAVAILABLE", "THROTTLED", "UNAUTHENTICATED", "PERMISSION_DENIED"),
);
const step = fc.record({
  afterMs: fc.constantFrom(0, 1, 100, 499, 1_000, 5_000, 60_000),
  path: fc.constantFrom(...paths),
  outcome,
  scope: fc.constantFrom(undefined, undefined, "path" as const, "provider" as const),
  retryAfterMs: fc.constantFrom(undefined, undefined, undefined, 2_000, 20_000),
  urgent: fc.boolean(),
});

/** What an outside observer of the calls may conclude. */
class Observed {
  readonly failed: Set<string> = new Set();
  floorUntil = 0;
  saidAtOnce = false;

  see(path: string, error: SecretError | undefined, now: number): void {
    const { code, scope, retryAfterMs = 0 } = error ?? { code: "ok", scope: undefined };
    const atOnce = scope !== "path" && (code === "THROTTLED" || code === "UNAUTHENTICATED" || retryAfterMs > 0);
    if (atOnce) {
      this.saidAtOnce = true;
      this.floorUntil = Math.max(this.floorUntil, now + retryAfterMs);
    }
    if (code === "UNAVAILABLE" && scope !== "path") this.failed.add(path);
    else if (!atOnce) this.failed.clear();
    if (!atOnce && this.failed.size === 0 && now >= this.floorUntil) this.saidAtOnce = false;
  }
}

test("in any sequence of results, calls are held back only for a reason, and no longer than the store asks or a minute", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 99 }), async (steps, jitter) => {
      const clock = manualClock();
      const availability = new Availability(new Scheduler(clock, () => jitter / 100), "store", () => undefined);
      const observed = new Observed();
      for (const { afterMs, path, outcome, scope, retryAfterMs, urgent } of steps) {
        await clock.advance(afterMs);
        const now = clock.monotonic();
        const mayCall = now >= availability.retryAt(path) || (urgent && now >= observed.floorUntil);
        const options: SecretErrorOptions = { scope, retryAfterMs };
        const thrown = outcome === "ok" ? undefined : new SecretError(outcome as "UNAVAILABLE", "as drawn", options);
        const answer = await availability
          .run(path, async () => (thrown === undefined ? "answer" : Promise.reject(thrown)), urgent)
          .catch((error: unknown) => error);
        const wasCalled = !(isSecretError(answer) && isUnavailableRefusal(answer));
        expect(wasCalled).toBe(mayCall);
        if (wasCalled) observed.see(path, thrown, now);
        if (!availability.isAvailable) expect(observed.saidAtOnce || observed.failed.size >= 3).toBe(true);
        if (observed.failed.size === 0 && !observed.saidAtOnce) expect(availability.isAvailable).toBe(true);
        for (const other of paths) {
          const waitMs = availability.retryAt(other) - now;
          expect(waitMs).toBeLessThanOrEqual(Math.max(61_000, (observed.floorUntil - now) * 1.25 + 1_000));
        }
      }
    }),
    { numRuns: 500 },
  );
});
