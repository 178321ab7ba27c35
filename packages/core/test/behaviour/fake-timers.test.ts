import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/index.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("the clock of the machine fires while the timers of a test runner are faked", async () => {
  vi.useFakeTimers();
  await new Promise<void>((resolve) => void systemClock.setTimer(resolve, 1));
});

test("the clock of the machine fires what was armed before the timers were faked", async () => {
  const fired = new Promise<void>((resolve) => void systemClock.setTimer(resolve, 5));
  vi.useFakeTimers();
  await fired;
});

test("the clock of the machine fires what was armed while they were faked, once they are real again", async () => {
  vi.useFakeTimers();
  const fired = new Promise<void>((resolve) => void systemClock.setTimer(resolve, 5));
  vi.useRealTimers();
  await fired;
});

test("the clock of the machine cancels and holds timers, whatever is faked", async () => {
  let fired = 0;
  const count = (): void => {
    fired += 1;
  };
  const before = systemClock.setTimer(count, 1);
  vi.useFakeTimers();
  const meanwhile = systemClock.setTimer(count, 1);
  before.cancel();
  meanwhile.keepAlive(true);
  meanwhile.cancel();
  meanwhile.keepAlive(false);
  await new Promise<void>((resolve) => void systemClock.setTimer(resolve, 20));
  expect(fired).toBe(0);
});

test("the clock of the machine tells the true time while the time of a test is set", () => {
  const before = { now: systemClock.now(), monotonic: systemClock.monotonic() };
  vi.useFakeTimers({ now: 0, toFake: ["Date", "performance"] });
  expect(systemClock.now()).toBeGreaterThanOrEqual(before.now);
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before.monotonic);
});

test("the clock works where a timer is a number, as in a simulated browser", async () => {
  const real = setTimeout;
  const armed = new Map<number, NodeJS.Timeout>();
  vi.stubGlobal("setTimeout", (callback: () => void, delayMs: number): number => {
    armed.set(armed.size + 1, real(callback, delayMs));
    return armed.size;
  });
  vi.stubGlobal("clearTimeout", (id: number): void => clearInterval(armed.get(id)));
  vi.resetModules();
  const { systemClock: browserClock } = await import("../../src/index.ts");
  await new Promise<void>((resolve) => {
    const timer = browserClock.setTimer(resolve, 1);
    timer.keepAlive(true);
    timer.keepAlive(false);
  });
  const timer = browserClock.setTimer(() => expect.unreachable(), 1);
  timer.cancel();
  await new Promise<void>((resolve) => void browserClock.setTimer(resolve, 10));
});
