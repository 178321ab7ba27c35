import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFailures } from "../../shared/parse/parse-errors.ts";
import type { SopsNode } from "../tree.ts";
import { jsonTree } from "./json-tree.ts";

const failures = parseFailures("x", "JSON");

function toData(node: SopsNode): unknown {
  if (node.kind === "map") return Object.fromEntries(node.items.map(({ key, value }) => [key, toData(value)]));
  if (node.kind === "list") return node.items.map(toData);
  const text = Buffer.from(node.bytes).toString();
  if (node.type === "str") return text;
  return node.type === "null" ? null : node.type === "bool" ? text === "True" : Number(text);
}

test("reads the same data as JSON.parse, however it is written", () => {
  const data = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" }));
  fc.assert(
    fc.property(data, fc.constantFrom("", " ", "\t"), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(JSON.stringify(toData(jsonTree(` ${text}\n`, failures)))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

test("keeps the order of keys, and numbers as SOPS reads them", () => {
  const { items } = jsonTree('{"10": 9007199254740993 , "2":1e40,"a":-0.0,"b":[ ],"c":{ }}', failures);
  expect(
    items.map(({ key, value }) => [key, value.kind === "leaf" ? Buffer.from(value.bytes).toString() : value]),
  ).toEqual([
    ["10", "9007199254740993"],
    ["2", `1${"0".repeat(40)}`],
    ["a", "-0"],
    ["b", { kind: "list", items: [] }],
    ["c", { kind: "map", items: [] }],
  ]);
});

test("refuses a number that SOPS does not read", () => {
  expect(() => jsonTree('{"a":1e400}', failures)).toThrow("number that SOPS cannot represent");
});
