import { expect, test } from "vitest";
import { checkArgument, checkOptions, rules } from "./check-options.ts";

const known = {
  open: rules.function,
  signal: rules.signal,
  freshness: rules.oneOf("cached", "fresh"),
  hits: rules.flag,
  grace: rules.any,
};

test.each([
  [undefined],
  [{}],
  [{ open() {}, signal: new AbortController().signal, freshness: "fresh", hits: false, grace: "5s" }],
  [{ open: undefined, signal: undefined }],
  [{ signal: { aborted: false, addEventListener() {} } }],
  [Object.create({ inherited: 1 })],
])("takes %o", (options) => {
  expect(() => checkOptions("derive", options, known)).not.toThrow();
});

test.each<[unknown, string]>([
  [null, "the options of derive must be an object"],
  ["30s", "the options of derive must be an object"],
  [[], "the options of derive must be an object"],
  [{ opne: 1 }, 'derive has no option "opne"; did you mean "open"?'],
  [{ completelyOther: 1 }, 'derive has no option "completelyOther"'],
  [{ toString: 1 }, 'derive has no option "toString"'],
  [{ ["__proto__"]: 1 }, 'derive has no option "__proto__"'],
  [{ open: 1 }, "`open` of derive must be a function"],
  [{ signal: "x" }, "`signal` of derive must be an AbortSignal"],
  [{ signal: null }, "`signal` of derive must be an AbortSignal"],
  [{ freshness: "force" }, '`freshness` of derive must be "cached" or "fresh"'],
  [{ hits: "no" }, "`hits` of derive must be true or false"],
])("refuses %j", (options, message) => {
  const error = {
    code: "INVALID_CONFIG",
    reason: "option",
    message,
    tip: "The options of derive are: open, signal, freshness, hits, grace.",
  };
  expect(() => checkOptions("derive", options, known)).toThrow(expect.objectContaining(error));
});

test.each<[unknown, string | undefined]>([
  [{ close() {}, health: () => 1 }, undefined],
  [Object.create({ close() {}, health() {} }), undefined],
  [{ close() {} }, "`secrets` of readiness must have `close()` and `health()`"],
  [undefined, "`secrets` of readiness must have `close()` and `health()`"],
  [null, "`secrets` of readiness must have `close()` and `health()`"],
  ["text", "`secrets` of readiness must have `close()` and `health()`"],
])("an argument %o is checked by what it can do", (value, message) => {
  const check = (): void => checkArgument("readiness", "secrets", value, rules.methods("close", "health"));
  if (message === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code: "INVALID_CONFIG", reason: "option", message }));
});
