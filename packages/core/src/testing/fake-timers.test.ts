import { afterEach, expect, test, vi } from "vitest";
import { object } from "../decode/object.ts";
import { text } from "../decode/text.ts";
import { mockSecrets } from "./mock-secrets.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a mock works while vitest fakes everything that it can", async () => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Date", "performance", "hrtime"],
  });
  const secrets = mockSecrets({ "api/key": "s3cret-fixture-1" }, { declare: { key: { ref: "api/key" } } });
  await secrets.ready();
  const reasons: string[] = [];
  secrets.watch("key").on("change", ({ reason }) => void reasons.push(reason), { initial: true });
  secrets.set("api/key", "s3cret-fixture-2");
  await secrets.flush();
  await secrets.advance(60_000);
  expect(secrets.latest("key").reveal()).toBe("s3cret-fixture-2");
  expect(reasons).toEqual(["initial", "rotated"]);
  await secrets.close();
});

test.each<[string, object]>([
  ["a value of the wrong shape", { as: object(["username"]) }],
  ["a value that accept refuses", { accept: () => false }],
  ["a value that an asynchronous accept refuses", { accept: async () => false }],
  ["a value that accept throws at", { as: text(), accept: () => Promise.reject(new Error("no")) }],
])("ready of a mock rejects at once on %s", async (_what, declaration) => {
  const secrets = mockSecrets({ "db/x": "s3cret-fixture" }, { declare: { db: { ref: "db/x", ...declaration } } });
  const { now } = secrets.clock;
  const before = now();
  await expect(secrets.ready()).rejects.toMatchObject({ code: "NOT_READY", errors: [{ reference: "db/x" }] });
  expect(now()).toBe(before);
});

test("ready of a mock rejects at once when a derived resource cannot be opened", async () => {
  const secrets = mockSecrets({ "db/x": "s3cret-fixture" }, { declare: { db: { ref: "db/x" } } });
  secrets.derive("db", {
    open() {
      throw new TypeError("no pool");
    },
  });
  await expect(secrets.ready()).rejects.toMatchObject({ errors: [{ code: "REFUSED" }] });
});

test("ready of a mock succeeds once the value is right", async () => {
  const secrets = mockSecrets({ "db/x": "s3cret-fixture" }, { declare: { db: { ref: "db/x", as: object(["a"]) } } });
  await expect(secrets.ready()).rejects.toThrow();
  secrets.set("db/x", { a: "s3cret-fixture" });
  await secrets.ready();
  expect(secrets.latest("db").reveal()).toEqual({ a: "s3cret-fixture" });
});
