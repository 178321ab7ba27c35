import { describe, expect, test } from "vitest";
import { manualClock } from "./manual-clock.ts";

describe("the manual clock", () => {
  test("fires what becomes due in order, at its own time, also what is armed on the way", async () => {
    const clock = manualClock();
    const fired: [string, number][] = [];
    const note = (name: string) => () => void fired.push([name, clock.monotonic()]);
    clock.setTimer(note("late"), 30);
    clock.setTimer(() => {
      note("early")();
      clock.setTimer(note("between"), 5);
    }, 10);
    clock.setTimer(note("same time, armed later"), 30);
    await clock.advance(100);
    expect(fired).toEqual([
      ["early", 10],
      ["between", 15],
      ["late", 30],
      ["same time, armed later", 30],
    ]);
    expect(clock.monotonic()).toBe(100);
  });

  test("lets promises settle between two timers", async () => {
    const clock = manualClock();
    const order: string[] = [];
    clock.setTimer(() => void Promise.resolve().then(() => order.push("promise of the first")), 10);
    clock.setTimer(() => order.push("second"), 11);
    await clock.advance(11);
    expect(order).toEqual(["promise of the first", "second"]);
  });

  test("starts at a fixed date and moves both clocks alike", async () => {
    const clock = manualClock();
    expect(new Date(clock.now()).toISOString()).toBe("2026-01-01T00:00:00.000Z");
    await clock.advance(1_500);
    expect(new Date(clock.now()).toISOString()).toBe("2026-01-01T00:00:01.500Z");
  });

  test("moves the wall clock alone on a jump, and fires nothing during a suspension", async () => {
    const clock = manualClock(new Date(0));
    let fired = false;
    clock.setTimer(() => {
      fired = true;
    }, 10);
    clock.jump(-5_000);
    expect([clock.now(), clock.monotonic()]).toEqual([-5_000, 0]);
    clock.suspend(1_000);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([-4_000, 1_000, false]);
    clock.suspend(1_000, { monotonicStops: true });
    expect([clock.now(), clock.monotonic()]).toEqual([-3_000, 1_000]);
    await clock.advance(0);
    expect(fired).toBe(true);
  });

  test("counts armed timers, and a cancelled one never fires", async () => {
    const clock = manualClock();
    const timer = clock.setTimer(() => expect.unreachable(), 10);
    expect(clock.armed).toBe(1);
    timer.cancel();
    expect(clock.armed).toBe(0);
    await clock.advance(20);
  });

  test.each([-1, Number.NaN, 2 ** 31])("refuses a delay that a real timer does not hold: %d", (delay) => {
    expect(() => manualClock().setTimer(() => undefined, delay)).toThrow(RangeError);
  });
});
