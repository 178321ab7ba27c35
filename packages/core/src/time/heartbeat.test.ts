import { describe, expect, test } from "vitest";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Scheduler } from "./scheduler.ts";

const hour = 3_600_000;

function started(): { clock: ManualClock; wakes: () => number; steps: () => number } {
  const clock = manualClock();
  const scheduler = new Scheduler(clock, () => 0.5);
  let [wakes, steps] = [0, 0];
  const onWake = (): void => {
    wakes += 1;
  };
  const onStep = (): void => {
    steps += 1;
  };
  new Heartbeat(scheduler, { onWake, onStep }).start();
  return { clock, wakes: () => wakes, steps: () => steps };
}

describe("the heartbeat", () => {
  test("sees nothing in an ordinary day", async () => {
    const { clock, wakes, steps } = started();
    await clock.advance(24 * hour);
    expect([wakes(), steps()]).toEqual([0, 0]);
  });

  test.each<[string, (clock: ManualClock) => void]>([
    ["the wall clock steps an hour on", (clock) => clock.jump(hour)],
    ["the wall clock steps an hour back", (clock) => clock.jump(-hour)],
    ["the wall clock steps 31 s", (clock) => clock.jump(31_000)],
    [
      "the machine sleeps for 8 h and its monotonic clock with it",
      (clock) => clock.suspend(8 * hour, { monotonicStops: true }),
    ],
    ["the machine sleeps for 8 h and its monotonic clock goes on", (clock) => clock.suspend(8 * hour)],
    ["the process is stopped for a minute, so that the beat is late", (clock) => clock.suspend(60_000)],
  ])("wakes once, within a beat, when %s", async (_title, happens) => {
    const { clock, wakes } = started();
    await clock.advance(50_000);
    happens(clock);
    await clock.advance(15_000);
    expect(wakes()).toBe(1);
    await clock.advance(10 * 60_000);
    expect(wakes()).toBe(1);
  });

  test.each<[string, (clock: ManualClock) => void]>([
    ["the wall clock steps 25 s", (clock) => clock.jump(25_000)],
    ["a beat is 20 s late", (clock) => clock.suspend(20_000)],
  ])("does not wake when %s", async (_title, happens) => {
    const { clock, wakes } = started();
    await clock.advance(50_000);
    happens(clock);
    await clock.advance(60_000);
    expect(wakes()).toBe(0);
  });

  test.each([25_000, -25_000, 1_500])("tells a small step of the wall clock once: %d ms", async (ms) => {
    const { clock, wakes, steps } = started();
    await clock.advance(50_000);
    clock.jump(ms);
    await clock.advance(5 * 60_000);
    expect([wakes(), steps()]).toEqual([0, 1]);
  });
});
