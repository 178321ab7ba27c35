import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { libraryFrames } from "../../test/library-frames.ts";
import { declareSecrets } from "../declare/declare.ts";
import { base64 } from "../decode/base64.ts";
import { bytes } from "../decode/bytes.ts";
import { json } from "../decode/json.ts";
import { object } from "../decode/object.ts";
import { text } from "../decode/text.ts";
import { logEvents } from "../observe/log-events.ts";
import { recordMetrics } from "../observe/open-telemetry.ts";
import { recordPrometheusMetrics } from "../observe/prometheus.ts";
import { createRedactor } from "../redact/redactor.ts";
import { mockSecrets } from "../testing/mock-secrets.ts";
import { createSecrets } from "./secrets.ts";

const declared = declareSecrets({ db: { ref: "db" } });

/** Calls a method without types, as in JavaScript. */
type Loose = Record<string, (...parameters: unknown[]) => unknown>;

async function client() {
  const made = declaredClient(declared);
  made.store.set("db", "one");
  await made.secrets.ready();
  return { ...made, secrets: made.secrets as unknown as Loose };
}

/** Expects an error with the call and the option, whose stack begins at the caller. */
function expectRefused(error: unknown, message: string): void {
  expect(error).toMatchObject({
    code: "INVALID_CONFIG",
    reason: "option",
    message: expect.stringContaining(message),
  });
  expect(libraryFrames(error)).toEqual([]);
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}

describe("a call with an unknown option, or one of another type", () => {
  test.each<[string, unknown[], string]>([
    ["getSecret", ["db", { fresh: true }], 'getSecret has no option "fresh"'],
    ["getSecret", ["db", { freshness: "force" }], '`freshness` of getSecret must be "cached" or "fresh"'],
    ["getSecret", ["db", undefined, { signal: "x" }], "`signal` of getSecret must be an AbortSignal"],
    ["getSecret", ["db", "fresh"], "the options of getSecret must be an object"],
    ["ready", [{ timeoutMs: 1000 }], 'ready has no option "timeoutMs"; did you mean "timeout"?'],
    ["ready", [{ missing: "await" }], '`missing` of ready must be "fail" or "wait"'],
    ["close", [{ timeoutMs: 1000 }], 'close has no option "timeoutMs"; did you mean "timeout"?'],
    ["use", ["db", () => 1, { reject: () => true }], 'use has no option "reject"; did you mean "rejected"?'],
    ["use", ["db", () => 1], '`use("db")` needs a function, and a function `rejected`'],
  ])("%s(...%j) rejects", async (call, parameters, message) => {
    const { secrets } = await client();
    const error: unknown = await Promise.resolve(secrets[call]?.(...parameters)).catch((thrown) => thrown);
    expectRefused(error, message);
  });

  test.each<[string, unknown[], string]>([
    ["derive", ["db", { open: () => 1, graceMs: 1 }], 'derive has no option "graceMs"; did you mean "grace"?'],
    ["derive", ["db", { open: () => 1, close: "end" }], "`close` of derive must be a function"],
    ["watch", ["db", { signal: "x" }], "`signal` of watch must be an AbortSignal"],
    ["invalidate", ["db", { dropp: true }], 'invalidate has no option "dropp"; did you mean "drop"?'],
    ["notify", ["db"], "the options of notify must be an object"],
    ["notify", [], "the options of notify must be an object"],
    ["notify", [{ name: "db" }], 'notify has no option "name"'],
  ])("%s(...%j) throws", async (call, parameters, message) => {
    const { secrets } = await client();
    expectRefused(
      thrownBy(() => secrets[call]?.(...parameters)),
      message,
    );
  });

  test.each<[string, unknown[], string]>([
    [
      "an event that a watch does not have",
      ["changed", () => 1],
      'a watch has no event "changed"; did you mean "change"?',
    ],
    ["no listener", ["change"], 'the listener of "change" must be a function'],
    [
      "an unknown option",
      ["change", () => 1, { initally: true }],
      'on has no option "initally"; did you mean "initial"?',
    ],
  ])("a watch refuses %s", async (_what, parameters, message) => {
    const { secrets } = await client();
    const watch = secrets.watch?.("db") as unknown as Loose;
    expectRefused(
      thrownBy(() => watch.on?.(...parameters)),
      message,
    );
  });

  test.each<[string, () => unknown, string]>([
    [
      "createSecrets",
      () => createSecrets({ declares: declared } as never),
      'no option "declares"; did you mean "declare"?',
    ],
    ["createSecrets, given the declarations alone", () => createSecrets(declared as never), 'no option "declarations"'],
    [
      "createSecrets",
      () => createSecrets({ strict: "no" } as never),
      "`strict` of createSecrets must be true or false",
    ],
    [
      "createSecrets",
      () => createSecrets({ redactor: {} } as never),
      "`redactor` of createSecrets must have `register()`",
    ],
    ["createSecrets", () => createSecrets({ clock: {} } as never), "`clock` of createSecrets must have `now()`"],
    [
      "createSecrets",
      () => createSecrets({ keys: [] } as never),
      "`keys` of createSecrets must be `keys` of @tacit/providers",
    ],
    [
      "createSecrets",
      () => createSecrets({ audit: { hit: true } } as never),
      '`audit` of createSecrets has no option "hit"; did you mean "hits"?',
    ],
    [
      "mockSecrets",
      () => mockSecrets({}, { maxStaleMs: 1 } as never),
      'no option "maxStaleMs"; did you mean "maxStale"?',
    ],
    ["text", () => text({ trimm: false } as never), 'text has no option "trimm"; did you mean "trim"?'],
    ["text", () => text(null as never), "the options of text must be an object"],
    ["bytes", () => bytes({ allowEmpty: 1 } as never), "`allowEmpty` of bytes must be true or false"],
    [
      "object",
      () => object(["a"], { allowEmty: true } as never),
      'object has no option "allowEmty"; did you mean "allowEmpty"?',
    ],
  ])("%s throws", (_call, call, message) => {
    expectRefused(thrownBy(call), message);
  });
});

test("errors of calls before ready, after close or with a wrong name have no frame of the library in their stack", async () => {
  const { secrets } = declaredClient(declared);
  const watch = secrets.watch("db");
  const derived = secrets.derive("db", { open: () => 1 });
  const early = [
    () => secrets.latest("db"),
    () => secrets.accepted("db"),
    () => secrets.latest("bd" as never),
    () => watch.latest,
    () => derived.current,
    () => secrets.events.on("changed" as never, () => undefined),
    () => secrets.events.onAny("x" as never),
  ];
  for (const call of early) expect(libraryFrames(thrownBy(call))).toEqual([]);
  await secrets.close();
  const late = [() => secrets.watch("db"), () => watch.latest, () => derived.current];
  for (const call of late) expect(libraryFrames(thrownBy(call))).toEqual([]);
  const later = [
    () => secrets.getSecret("db"),
    () => secrets.use("db", () => 1, { rejected: () => false }),
    () => secrets.ready(),
    () => secrets.close({ timeout: -1 }),
    () => watch.refresh(),
    () => secrets.diagnose(),
  ];
  for (const call of later) expect(libraryFrames(await call().catch((error: unknown) => error))).toEqual([]);
});

test.each<[string, () => unknown]>([
  ["no name of a field", () => object([])],
  ["a name of a field that is no list", () => object("username" as never)],
  ["a schema that is none", () => object({ username: "string" } as never)],
  ["a schema of JSON that is none", () => json("username" as never)],
  ["a decoder that is none", () => base64(5 as never)],
  ["a declaration of a mock", () => mockSecrets({}, { declare: { db: { ref: "/db" } } })],
  ["a logger without methods", () => logEvents(mockSecrets(), {} as never)],
  ["a logger in place of the client", () => logEvents(console as never, console)],
  ["a meter that is none", () => recordMetrics(mockSecrets(), undefined as never)],
  ["metrics of no client", () => recordMetrics({} as never, {} as never)],
  ["prom-client that is none", () => recordPrometheusMetrics(mockSecrets(), {} as never)],
  ["a redactor", () => createRedactor({ minimum: 1 } as never)],
  ["a clock of a redactor", () => createRedactor({ clock: {} } as never)],
  ["a registration", () => createRedactor().register("s3cret-fixture", { nam: "db" } as never)],
])("is refused at the caller: %s", (_what, call) => {
  const error = thrownBy(call);
  expect(error).toMatchObject({ code: "INVALID_CONFIG" });
  expect(libraryFrames(error)).toEqual([]);
});

test("options may be passed instead of the decoder, or after an undefined one", async () => {
  const { secrets, store } = await client();
  store.set("db", "two");
  await secrets.getSecret?.("db", undefined, { freshness: "fresh" });
  expect(store.reads).toHaveLength(2);
});

test("`keys` is a key ring, or a function that loads one", async () => {
  const ring = { options: async () => ({}), credentials: [], open: () => ({}) };
  for (const keys of [ring, async () => ring]) await createSecrets({ keys: keys as never }).close();
});
