import { describe, expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import { Scheduler } from "./scheduler.ts";
import { Waves } from "./waves.ts";

function waves(isShared: boolean, ...drawn: readonly number[]) {
  const clock = manualClock();
  const left = [...drawn];
  return { clock, waves: new Waves(new Scheduler(clock, () => left.shift() ?? 0.5), () => isShared) };
}

const upToAMinute = (random: number): number => random * 60_000;

test("moments of a store that reads one path at a time are drawn one by one", () => {
  const { waves: single } = waves(false, 0.2, 0.7);
  expect([single.draw(upToAMinute), single.draw(upToAMinute)]).toEqual([12_000, 42_000]);
});

describe("moments that are shared", () => {
  test("are drawn at random, and taken again where they fit", () => {
    const { waves: shared } = waves(true, 0.2, 0.7);
    expect([shared.draw(upToAMinute), shared.draw(upToAMinute)]).toEqual([12_000.5, 12_000.5]);
  });

  test("are never later than the longest delay, nor earlier than the shortest", () => {
    const { waves: shared } = waves(true, 0.5, 0, 0);
    shared.draw(upToAMinute);
    expect(shared.draw((random) => 1_000 + random * 1_000)).toBe(1_000.5);
    expect(shared.draw((random) => 40_000 + random * 1_000)).toBe(40_000.5);
    expect(shared.draw((random) => 40_000 + random * 1_000, 20_000)).toBe(40_000.5);
  });

  test("are joined early where that is allowed", () => {
    const { waves: shared } = waves(true, 0.5);
    shared.draw(upToAMinute);
    expect(shared.draw((random) => 40_000 + random, 20_000)).toBe(30_000.5);
  });

  test("are forgotten when they have passed", async () => {
    const { waves: shared, clock } = waves(true, 0.2, 0.7);
    shared.draw(upToAMinute);
    await clock.advance(12_001);
    expect(shared.draw(upToAMinute)).toBe(42_000.5);
  });
});
