import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { jsonMembers } from "./json-members.ts";

describe("jsonMembers", () => {
  test("gives each member as it is written, and where it begins", () => {
    const text = ' {"a" : 12345678901234567890 ,\n "\\u0062":{"c": [1, "}"]}, "d":"x,\\""} ';
    expect([...jsonMembers(text)]).toEqual([
      ["a", { source: "12345678901234567890", offset: 2 }],
      ["b", { source: '{"c": [1, "}"]}', offset: text.indexOf('"\\u0062"') }],
      ["d", { source: '"x,\\""', offset: text.indexOf('"d"') }],
    ]);
  });

  test("gives the elements of an array by their index", () => {
    expect([...jsonMembers("[1e400, [2,3] ,null]")]).toEqual([
      ["0", { source: "1e400", offset: 1 }],
      ["1", { source: "[2,3]", offset: 8 }],
      ["2", { source: "null", offset: 15 }],
    ]);
    expect(jsonMembers("[ ]").size).toBe(0);
  });

  test("agrees with JSON.parse about every member", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (record, indent) => {
        const text = JSON.stringify(record, undefined, indent);
        const members = [...jsonMembers(text)].map(([key, { source }]) => [key, JSON.parse(source) as unknown]);
        expect(Object.fromEntries(members)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("comes to an end whatever the text is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("{", "}", "[", "]", '"', "\\", ":", ",", "1", " "), { maxLength: 12 }),
        (parts) => {
          try {
            expect(jsonMembers(parts.join("")).size).toBeLessThanOrEqual(12);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
        },
      ),
      { numRuns: runsOf(3000) },
    );
  });
});
