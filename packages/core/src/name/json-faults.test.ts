import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { jsonFaults } from "./json-faults.ts";

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const found = (text: string, deepest?: number): readonly string[] =>
  jsonFaults(text, deepest).map(({ kind, offset, path }) => `${kind} ${offset} ${path.join(".")}`);

describe("jsonFaults", () => {
  test("finds none in what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), fc.constantFrom(0, 1), (value, indent) => {
        expect(jsonFaults(JSON.stringify(value, undefined, indent))).toEqual([]);
      }),
    );
  });

  test("finds a syntax error exactly where JSON.parse fails", () => {
    const pieces = '" \\ { } [ ] , : 1 0 - . e + true nul null \\u00 \\ud800 "a" "b"'
      .split(" ")
      .concat(" ", "\n", "\u0001");
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const isBroken = jsonFaults(text).some(({ kind }) => kind === "syntax");
        expect(isBroken).toBe(!parses(text));
      }),
      { numRuns: runsOf(5000) },
    );
  });

  test("finds a repeated key exactly where JSON.parse loses a member", () => {
    const member = fc.tuple(
      fc.constantFrom('"a"', '"\\u0061"', '"b"', '"__proto__"', '""'),
      fc.constantFrom("1", "[]", "{}"),
    );
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const text = `{${members.map(([key, value]) => `${key}: ${value}`).join(",")}}`;
        const lost = members.length - Object.keys(JSON.parse(text) as object).length;
        expect(jsonFaults(text).map(({ kind }) => kind)).toEqual(Array<string>(lost).fill("duplicate-key"));
      }),
    );
  });

  test.each<[string, string[]]>([
    [
      '{"a": {"b": 1, "\\u0062": 2}, "l": [{}, {"c": 1, "c": 2}], "a": 1}',
      ["duplicate-key 15 a.b", "duplicate-key 48 l.1.c", "duplicate-key 58 a"],
    ],
    ['["\\ud800", "\\ud83d\\ude00", "\\ude00\\ud83d"]', ["lone-surrogate 1 0", "lone-surrogate 27 2"]],
    ['{"\\udc00": 1}', ["lone-surrogate 1 \udc00"]],
    ['"\ud800"', ["lone-surrogate 0 "]],
    ['{"a": 1, "a"', ["syntax 12 a"]],
    ['{"a": [1, x]}', ["syntax 10 a.1"]],
  ])("tells kind, place and path of the faults of %j", (text, faults) => {
    expect(found(text)).toEqual(faults);
  });

  test.each([
    ["[[]]", 2, []],
    ["[[[]]]", 2, ["too-deep 2 0.0"]],
    ['{"a": {"b": {}}}', 2, ["too-deep 12 a.b"]],
    ["[[x", 2, ["syntax 2 0.0"]],
  ])("of %j with a limit of %j finds %j", (text, deepest, faults) => {
    expect(found(text, deepest)).toEqual(faults);
  });

  test("has no limit of its own", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(jsonFaults(deep)).toEqual([]);
    expect(found(deep.slice(0, -1))[0]).toMatch(/^syntax 199999 /);
  });

  test("tells a hundred faults at most, so that the deepest document is judged in no time", () => {
    const deep = `${"[".repeat(2_000)}{${'"a":1,'.repeat(20_000)}"a":1}${"]".repeat(2_000)}`;
    const faults = jsonFaults(deep);
    expect(faults).toHaveLength(100);
    expect(faults[0]?.path).toHaveLength(2_001);
  });

  test("leaves nothing of the text with the regular expressions of the process", () => {
    /x/.test("x");
    jsonFaults('{"password": "s3cret-fixture", "n": -1.5e3, "password": "\\u0041"}');
    expect(RegExp["$_" as keyof typeof RegExp]).toBe("x");
  });
});
