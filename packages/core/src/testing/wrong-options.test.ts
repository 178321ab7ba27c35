import { expect, test } from "vitest";
import { libraryFrames } from "../../test/library-frames.ts";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { leakCheck } from "./leak-check.ts";
import { manualClock } from "./manual-clock.ts";
import { mockSecrets } from "./mock-secrets.ts";

const declare = declareSecrets({ db: { ref: "db/primary" }, same: { ref: "same" } });
const mock = () => mockSecrets({ "db/primary": "s3cret-fixture", same: "s3cret-fixture-2" }, { declare });
const alias = '"db" is an alias, but a mock takes names; its name is "db/primary"';

// Each is called as JavaScript may call it, where no compiler looks.
test.each<[string, () => unknown, string]>([
  ["values by alias", () => mockSecrets({ db: "s3cret-fixture" }, { declare }), alias],
  ["no values", () => mockSecrets("db" as never), "`values` of mockSecrets must be an object"],
  [
    "a value that is a number",
    () => mockSecrets({ same: 5 } as never, { declare }),
    "`same` of mockSecrets must be text",
  ],
  [
    "values by parts of a name",
    () => mockSecrets({ other: { primary: { password: "s3cret-fixture" } } } as never, { declare }),
    "`other` of mockSecrets must be text, bytes or an object of them by field",
  ],
  ["`set` of no value", () => mock().set("same", undefined as never), "`value` of set must be text, bytes or"],
  [
    "`set` of a misspelt name",
    () => mock().set("db/primay", "x"),
    'no declaration reads "db/primay"; did you mean "db/primary"?',
  ],
  ["`fail` of a name that nobody reads", () => mock().fail("zzz", "UNAVAILABLE"), 'no declaration reads "zzz"'],
  ["`set` of an alias", () => mock().set("db", "x"), alias],
  ["`remove` of an alias", () => mock().remove("db"), alias],
  ["`hang` of an alias", () => mock().hang("db"), alias],
  ["`reads` of an alias", () => mock().reads("db"), alias],
  ["`fail` with no code", () => mock().fail("db/primary", "TIMEOUT" as never), '`code` of fail must be "NOT_FOUND" or'],
  [
    "`fail` with no option",
    () => mock().fail("same", "UNAVAILABLE", { time: 1 } as never),
    'fail has no option "time"',
  ],
  ["`fail` of no times", () => mock().fail("same", "UNAVAILABLE", { times: 0 }), "`times` of fail must be a number"],
])("a mock refuses %s", (_what, call, message) => {
  const refused = { code: "INVALID_CONFIG", reason: "option", message: expect.stringContaining(message) };
  expect(call).toThrow(expect.objectContaining(refused));
  expect(call).toThrow(expect.toSatisfy((error) => libraryFrames(error).length === 0));
});

test("a mock without declarations takes every name, and one with them values that nobody reads", () => {
  expect(() => mockSecrets({}).set("any/name", "x")).not.toThrow();
  expect(() => mockSecrets({ "of/another": "x", same: "y" }, { declare })).not.toThrow();
});

test.each<[string, object, string]>([
  ["is missing", {}, '"db" has not been loaded yet: "db" does not exist: there is no'],
  ["has another shape", { db: "s3cret-fixture" }, '"db" has not been loaded yet: the value of "db" is not JSON'],
])("the latest of a mock whose value %s says so", async (_what, values, message) => {
  const secrets = mockSecrets(values as never, { declare: { db: { ref: "db", as: object(["username"]) } } });
  await secrets.flush();
  const refused = { code: "NOT_READY", reason: "not-loaded", message: expect.stringContaining(message) };
  expect(() => secrets.latest("db")).toThrow(expect.objectContaining(refused));
  expect(() => secrets.latest("db")).toThrow(expect.objectContaining({ tip: expect.not.stringContaining("ready()") }));
});

test.each(["5s", Number.NaN, -1, undefined])("a mock refuses to let %o pass", async (ms) => {
  await expect(mock().advance(ms as never)).rejects.toMatchObject({ code: "INVALID_CONFIG", reason: "option" });
});

// A text would be joined to the time, and NaN would make every timer due or none.
test.each(["5s", Number.NaN, Number.POSITIVE_INFINITY, undefined])("a clock refuses to jump by %o", (ms) => {
  const clock = manualClock();
  expect(() => clock.jump(ms as never)).toThrow("`ms` of jump must be a number of milliseconds");
  expect(() => clock.suspend(ms as never)).toThrow("`ms` of suspend must be a number of milliseconds");
  expect([clock.now(), clock.monotonic()]).toEqual([Date.UTC(2026, 0, 1), 0]);
});

test("a clock jumps back, but no process was suspended for less than no time", () => {
  const clock = manualClock();
  clock.jump(-1_000);
  expect(clock.now()).toBe(Date.UTC(2026, 0, 1) - 1_000);
  expect(() => clock.suspend(-1)).toThrow("`ms` of suspend");
  expect(() => clock.suspend(1, { monotonicStop: true } as never)).toThrow('did you mean "monotonicStops"?');
  expect(() => clock.suspend(1, { monotonicStops: "no" } as never)).toThrow("must be true or false");
});

test.each(["s3cret-fixture", Buffer.from("s3cret-fixture"), undefined, 5])(
  "a leak check refuses one value: %o",
  (values) => {
    expect(() => leakCheck(values as never)).toThrow("`values` of leakCheck must be a list of texts or bytes");
  },
);

test.each([[["a", 5]], [[undefined]]])("a leak check refuses what is no value: %o", (values) => {
  expect(() => leakCheck(values as never)).toThrow("`values` of leakCheck must be a list of texts or bytes");
});
