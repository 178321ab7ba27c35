import { EventEmitter } from "node:events";
import type * as fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import { manualClock } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { forever, openFixture } from "../../../../test/file/file-fixture.ts";
import { nodeFileSystem } from "../file-system.ts";

/** Creates watches that the system ends in the next turn, as Deno does for directories that it may not read. */
function endingWatches(): { readonly watch: typeof fs.watch; readonly opened: number; readonly held: number } {
  let opened = 0;
  let held = 0;
  const watch = (): fs.FSWatcher => {
    opened += 1;
    held += 1;
    const watcher = new EventEmitter() as fs.FSWatcher;
    const fail = (): void => {
      if (watcher.listenerCount("error") > 0) watcher.emit("error", Object.assign(new Error("x"), { code: "EACCES" }));
    };
    watcher.unref = () => {
      held -= 1;
      return watcher;
    };
    watcher.close = () => void watcher.removeAllListeners();
    globalThis.setImmediate(fail);
    return watcher;
  };
  return {
    watch: watch as never,
    get opened() {
      return opened;
    },
    get held() {
      return held;
    },
  };
}

test("a watch that the system always ends is opened again once, then every 5 s, even if a read follows each hint", async () => {
  const clock = manualClock();
  await using fixture = openFixture({ clock });
  const watches = endingWatches();
  const provider = fixture.open({}, { ...nodeFileSystem, watch: watches.watch });
  let hints = 0;
  const readAgain = (): void => {
    hints += 1;
    void provider.get({ path: "db", version: "current" }, forever).catch(() => undefined);
  };
  await provider.subscribe?.(["db"], readAgain, forever);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++) await setImmediate();
  };
  await settle();
  expect(hints).toBeLessThanOrEqual(4);
  expect(watches.opened).toBeLessThanOrEqual(2);
  const before = { hints, opened: watches.opened };
  await settle();
  expect({ hints, opened: watches.opened }).toEqual(before);
  for (let look = 1; look <= 3; look++) {
    await clock.advance(5000);
    await settle();
    expect(hints - before.hints).toBeLessThanOrEqual(3 * look);
    expect(watches.opened - before.opened).toBeGreaterThanOrEqual(look);
    expect(watches.opened - before.opened).toBeLessThanOrEqual(3 * look);
  }
  expect(watches.held, "watches that would keep Deno alive").toBe(0);
});
