import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "./json-document.ts";

describe("parseJson", () => {
  test("parses the same values as JSON.parse", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
        expect(parseJson(` \n${text}\r\n\t`)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  test.each([
    ["", 1, 1],
    ["{", 1, 2],
    ['{"a": s3cret-fixture}', 1, 7],
    ['{"a": "s3cret-fixture', 1, 22],
    ['{\n  "a": 1,\n}', 3, 1],
    ['{"a": 1} s3cret-fixture', 1, 10],
    ["[01]", 1, 3],
    ["{'a': 1}", 1, 2],
    ['["\\x"]', 1, 3],
    ["\ufeff{}", 1, 1],
  ])("reports the position of the error in %j, without the text", (text, line, column) => {
    const parsed = parseJson(text);
    expect(parsed).toMatchObject({
      problems: [{ path: [], reason: "syntax", message: `is not valid JSON: line ${line}, column ${column}` }],
    });
    expect(JSON.stringify(parsed)).not.toContain("s3cret-fixture");
  });

  test("reports each repeated key with its path, escapes resolved", () => {
    expect(parseJson('{"a": {"b": 1, "\\u0062": 2}, "l": [{}, {"c": 1, "c": 2}], "a": 1}')).toMatchObject({
      problems: [{ path: ["a", "b"] }, { path: ["l", 1, "c"] }, { path: ["a"], reason: "duplicate-key" }],
    });
  });

  test("refuses half of a surrogate pair", () => {
    expect(parseJson('{"a": ["s3cret-fixture\\ud800"]}')).toMatchObject({
      problems: [{ path: ["a", 0], reason: "syntax", message: "is not valid Unicode" }],
    });
  });

  test("refuses a document above the maximum depth", () => {
    const problem = { reason: "syntax", message: "is nested deeper than 32 levels: line 1, column 33" };
    expect(parseJson("[".repeat(100_000))).toMatchObject({ problems: [problem] });
  });

  test("reads a string of a megabyte", () => {
    const long = "\\n".repeat(300_000) + "x".repeat(400_000);
    expect(parseJson(`["${long}"]`)).toEqual({ value: JSON.parse(`["${long}"]`) });
  });
});
