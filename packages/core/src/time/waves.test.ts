import { describe, expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import { Scheduler } from "./scheduler.ts";
import { Waves } from "./waves.ts";

function waves(size: number, ...drawn: readonly number[]) {
  const clock = manualClock();
  const left = [...drawn];
  return { clock, waves: new Waves(new Scheduler(clock, () => left.shift() ?? 0.5), () => size) };
}

const upToAMinute = (random: number): number => random * 60_000;

test("moments that nobody shares are drawn one by one", () => {
  const { waves: single } = waves(1, 0.2, 0.7);
  expect([single.draw(upToAMinute), single.draw(upToAMinute)]).toEqual([12_000, 42_000]);
});

describe("moments that are shared", () => {
  test("are drawn at random, and taken again where they fit", () => {
    const { waves: shared } = waves(Number.POSITIVE_INFINITY, 0.2, 0.7);
    expect([shared.draw(upToAMinute), shared.draw(upToAMinute)]).toEqual([12_000.5, 12_000.5]);
  });

  test("are never later than the longest delay, nor earlier than the shortest", () => {
    const { waves: shared } = waves(Number.POSITIVE_INFINITY, 0.5, 0, 0);
    shared.draw(upToAMinute);
    expect(shared.draw((random) => 1_000 + random * 1_000)).toBe(1_000.5);
    expect(shared.draw((random) => 40_000 + random * 1_000)).toBe(40_000.5);
    expect(shared.draw((random) => 40_000 + random * 1_000, 20_000)).toBe(40_000.5);
  });

  test("are joined early where that is allowed", () => {
    const { waves: shared } = waves(Number.POSITIVE_INFINITY, 0.5);
    shared.draw(upToAMinute);
    expect(shared.draw((random) => 40_000 + random, 20_000)).toBe(30_000.5);
  });

  test("are shared by as many as may be, and then drawn anew", () => {
    const { waves: pairs } = waves(2, 0.2, 0.7, 0.9, 0.1);
    const moments = [1, 2, 3, 4, 5].map(() => pairs.draw(upToAMinute));
    expect(moments).toEqual([12_000.5, 12_000.5, 54_000.5, 54_000.5, 30_000.5]);
  });

  test("are forgotten when they have passed", async () => {
    const { waves: shared, clock } = waves(Number.POSITIVE_INFINITY, 0.2, 0.7);
    shared.draw(upToAMinute);
    await clock.advance(12_001);
    expect(shared.draw(upToAMinute)).toBe(42_000.5);
  });
});
