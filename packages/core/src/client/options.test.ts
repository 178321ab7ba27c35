import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { bytes } from "../decode/bytes.ts";
import { object } from "../decode/object.ts";
import { text } from "../decode/text.ts";
import { mockSecrets } from "../testing/mock-secrets.ts";
import { createSecrets } from "./secrets.ts";

const declared = declareSecrets({ db: { ref: "db" } });

/** As JavaScript calls it, without the types. */
type Loose = Record<string, (...parameters: unknown[]) => unknown>;

async function client() {
  const made = declaredClient(declared);
  made.store.set("db", "one");
  await made.secrets.ready();
  return { ...made, secrets: made.secrets as unknown as Loose };
}

const refused = (message: string) =>
  expect.objectContaining({
    code: "INVALID_CONFIG",
    reason: "option",
    message: expect.stringContaining(message) as string,
  });

describe("a call with an option that it does not have, or of another type", () => {
  test.each<[string, unknown[], string]>([
    ["getSecret", ["db", { fresh: true }], 'getSecret has no option "fresh"'],
    ["getSecret", ["db", { freshness: "force" }], '`freshness` of getSecret must be "cached" or "fresh"'],
    ["getSecret", ["db", undefined, { signal: "x" }], "`signal` of getSecret must be an AbortSignal"],
    ["getSecret", ["db", "fresh"], "the options of getSecret must be an object"],
    ["ready", [{ timeoutMs: 1000 }], 'ready has no option "timeoutMs"; did you mean "timeout"?'],
    ["ready", [{ missing: "await" }], '`missing` of ready must be "fail" or "wait"'],
    ["close", [{ timeoutMs: 1000 }], 'close has no option "timeoutMs"; did you mean "timeout"?'],
    ["use", ["db", () => 1, { reject: () => true }], 'use has no option "reject"; did you mean "rejected"?'],
  ])("%s(...%j) rejects", async (call, parameters, message) => {
    const { secrets } = await client();
    await expect(secrets[call]?.(...parameters)).rejects.toEqual(refused(message));
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
    expect(() => secrets[call]?.(...parameters)).toThrow(refused(message));
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
    expect(() => watch.on?.(...parameters)).toThrow(refused(message));
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
    expect(call).toThrow(refused(message));
  });
});

test("options may stand in the place of the decoder, or behind an absent one", async () => {
  const { secrets, store } = await client();
  store.set("db", "two");
  await secrets.getSecret?.("db", undefined, { freshness: "fresh" });
  expect(store.reads).toHaveLength(2);
});
