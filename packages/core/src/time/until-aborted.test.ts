import { expect, test } from "vitest";
import { untilAborted } from "./until-aborted.ts";

const forEver = new Promise<never>(() => undefined);

test("settles as the promise does, and leaves no listener at the signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const counted = new Proxy(signal, {
    get(target, key) {
      if (key === "addEventListener") listeners += 1;
      if (key === "removeEventListener") listeners -= 1;
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  await expect(untilAborted(Promise.resolve("value"), counted)).resolves.toBe("value");
  await expect(untilAborted(Promise.reject(new RangeError("no")), counted)).rejects.toThrow("no");
  expect(listeners).toBe(0);
});

test("rejects with the signal's reason where nobody answers, also if it had aborted before", async () => {
  const controller = new AbortController();
  const waiting = untilAborted(forEver, controller.signal);
  controller.abort("reason");
  await expect(waiting).rejects.toBe("reason");
  await expect(untilAborted(forEver, controller.signal)).rejects.toBe("reason");
});
