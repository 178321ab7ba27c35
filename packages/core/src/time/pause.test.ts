import { expect, test } from "vitest";
import { settledOf } from "../../test/scripted-client.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { pause } from "./pause.ts";

test("a pause lasts as long as it was told, on the given clock", async () => {
  const clock = manualClock();
  const fate = settledOf(pause(clock, 1000, new AbortController().signal));
  await clock.advance(999);
  expect(fate.now.state).toBe("pending");
  await clock.advance(1);
  expect(fate.now.state).toBe("resolved");
});

test("an abort ends it with its own reason, and leaves no timer", async () => {
  const clock = manualClock();
  const controller = new AbortController();
  const paused = pause(clock, 1000, controller.signal);
  controller.abort("reason");
  await expect(paused).rejects.toBe("reason");
  expect(clock.armed).toBe(0);
  await expect(pause(clock, 1000, controller.signal)).rejects.toBe("reason");
});
