import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import type { Clock } from "./clock.ts";
import { Scheduler, type Task } from "./scheduler.ts";

const day = 86_400_000;

function taskThat(run: () => void): Task {
  return { run, dueAt: 0, slot: -1 };
}

describe("the scheduler", () => {
  test("fires in the order of due times, whatever the order of arming, cancelling and moving", async () => {
    const step = fc.record({
      task: fc.integer({ min: 0, max: 9 }),
      action: fc.constantFrom("schedule", "hasten", "cancel"),
      delay: fc.integer({ min: 0, max: 1_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = manualClock();
        const scheduler = new Scheduler(clock, () => 0.5);
        const fired: { id: number; at: number }[] = [];
        const tasks = Array.from({ length: 10 }, (_, id) => taskThat(() => fired.push({ id, at: clock.monotonic() })));
        /** the model: id -> due */
        const due = new Map<number, number>();
        for (const { task: id, action, delay } of steps) {
          const task = tasks[id] as Task;
          if (action === "cancel") {
            scheduler.cancel(task);
            due.delete(id);
          } else {
            scheduler[action as "schedule" | "hasten"](task, delay);
            due.set(id, action === "schedule" ? delay : Math.min(due.get(id) ?? delay, delay));
          }
        }
        expect(clock.armed).toBe(due.size === 0 ? 0 : 1);
        await clock.advance(1_000);
        expect(new Map(fired.map(({ id, at }) => [id, at]))).toEqual(due);
        expect(fired.map(({ at }) => at)).toEqual([...due.values()].sort((a, b) => a - b));
        expect(clock.armed).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("never fires inside the call that arms", () => {
    const clock = manualClock();
    let fired = false;
    new Scheduler(clock, Math.random).after(0, () => {
      fired = true;
    });
    expect(fired).toBe(false);
  });

  test.each([32, 25, 24.9, 400])("holds a delay of %d days, longer than a platform timer can", async (days) => {
    const clock = manualClock();
    const scheduler = new Scheduler(clock, Math.random);
    let firedAt: number | undefined;
    scheduler.after(days * day, () => {
      firedAt = clock.monotonic();
    });
    await clock.advance(days * day - 1);
    expect(firedAt).toBeUndefined();
    await clock.advance(1);
    expect(firedAt).toBe(days * day);
  });

  test("never asks the clock for more than 2^31-1 ms", () => {
    const asked: number[] = [];
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      setTimer: (_callback, delayMs) => {
        asked.push(delayMs);
        return { cancel: () => undefined, keepAlive: () => undefined };
      },
    };
    for (const delay of [2 ** 31 - 1, 2 ** 31, 1e15, Number.MAX_VALUE, -1, Number.NaN, -Infinity]) {
      new Scheduler(clock, Math.random).after(delay, () => undefined);
    }
    expect(asked).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1, 0, 0, 0]);
  });

  test.each([Number.NaN, "30s", undefined, {}])("a delay of %j disturbs no other task", async (delay) => {
    const clock = manualClock();
    const scheduler = new Scheduler(clock, Math.random);
    const fired: string[] = [];
    scheduler.after(50, () => fired.push("before"));
    scheduler.after(delay as number, () => fired.push("broken"));
    scheduler.after(100, () => fired.push("after"));
    await clock.advance(100);
    expect(fired).toEqual(["broken", "before", "after"]);
  });

  test("an infinite delay arms nothing", () => {
    const clock = manualClock();
    new Scheduler(clock, Math.random).after(Number.POSITIVE_INFINITY, () => undefined);
    expect(clock.armed).toBe(0);
  });

  test("a timer that fires early is armed again, one that fires late runs everything that is due", async () => {
    const callbacks: (() => void)[] = [];
    let now = 0;
    const clock: Clock = {
      now: () => now,
      monotonic: () => now,
      setTimer: (callback) => {
        callbacks.push(callback);
        return { cancel: () => undefined, keepAlive: () => undefined };
      },
    };
    const scheduler = new Scheduler(clock, Math.random);
    const fired: number[] = [];
    for (const delay of [10, 20, 30]) scheduler.after(delay, () => fired.push(delay));
    now = 9.5;
    callbacks.pop()?.();
    expect(fired).toEqual([]);
    now = 25;
    callbacks.pop()?.();
    expect(fired).toEqual([10, 20]);
  });

  test("holds no timer and takes no task once stopped", () => {
    const clock = manualClock();
    const scheduler = new Scheduler(clock, Math.random);
    const task = scheduler.after(10, () => undefined);
    scheduler.stop();
    scheduler.schedule(task, 10);
    scheduler.hasten(task, 10);
    scheduler.after(10, () => undefined);
    expect(clock.armed).toBe(0);
  });

  test("keeps the process alive exactly while somebody holds it, over every timer that it arms", () => {
    let alive = false;
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      setTimer: () => {
        let mine = false;
        return {
          cancel: () => {
            if (mine) alive = false;
          },
          keepAlive: (on) => {
            mine = on;
            alive = on;
          },
        };
      },
    };
    const scheduler = new Scheduler(clock, Math.random);
    scheduler.after(100, () => undefined);
    expect(alive).toBe(false);
    const first = scheduler.hold();
    const second = scheduler.hold();
    expect(alive).toBe(true);
    scheduler.after(50, () => undefined);
    expect(alive).toBe(true);
    first();
    first();
    expect(alive).toBe(true);
    second();
    expect(alive).toBe(false);
  });
});
