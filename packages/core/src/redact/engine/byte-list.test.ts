import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { byteListsIn } from "./byte-list.ts";
import { canonicalView } from "./canonical-view.ts";

const bytes = Buffer.from("s3cret-fixture-of-bytes");

function listsIn(text: string): readonly { text: string; isCut: boolean; printed: string }[] {
  const view = canonicalView(text);
  return [...byteListsIn(view.text)].map((list) => ({
    text: list.bytes,
    isCut: list.isCut,
    printed: text.slice(view.startOf(list.starts[0] ?? 0), view.endOf((list.ends.at(-1) ?? 1) - 1)),
  }));
}

describe("byteListsIn", () => {
  test.each([
    ["JSON of an array", JSON.stringify([...bytes])],
    ["indented JSON", JSON.stringify([...bytes], null, 2)],
    ["JSON of a buffer", JSON.stringify(bytes)],
    ["JSON of a typed array", JSON.stringify(new Uint8Array(bytes))],
    ["JSON in JSON", JSON.stringify(JSON.stringify({ a: bytes }))],
    ["an inspected typed array", inspect(new Uint8Array(bytes))],
    ["an inspected array", inspect([...bytes])],
    ["an inspected buffer", inspect(bytes)],
    ["a typed array in a template", `bytes ${new Uint8Array(bytes)} end`],
  ])("reads %s", (_, printed) => {
    expect(listsIn(printed)).toMatchObject([{ text: bytes.toString("latin1"), isCut: false }]);
  });

  test("reads a list before a colon to its end, where what comes next looks like a member", () => {
    const list = [...bytes].join(", ");
    const found = listsIn(`failed: ${list}: ${list}`).filter(({ text }) => text === bytes.toString("latin1"));
    expect(found.map(({ printed }) => printed)).toContain(list);
  });

  test("reads a list of any length", () => {
    const long = Buffer.alloc(200_000, bytes);
    expect(listsIn(JSON.stringify([...long]))[0]?.text).toBe(long.toString("latin1"));
  });

  test("tells that a printer left out the rest", () => {
    const long = Buffer.alloc(200, bytes);
    expect(listsIn(inspect(long))).toMatchObject([{ text: long.toString("latin1", 0, 50), isCut: true }]);
    expect(listsIn(inspect(new Uint8Array(long)))).toMatchObject([
      { text: long.toString("latin1", 0, 100), isCut: true },
    ]);
  });

  test.each([
    ["few numbers", "1, 2, 3, 4"],
    ["numbers that are no bytes", "100, 200, 300, 400, 500, 600, 700, 800, 900"],
    ["dates and addresses", "2026-11-21 10:20:30,123 10.0.0.1, 10.0.0.2"],
    ["short dumps", "<Buffer 01 02 03>"],
  ])("passes over %s", (_, text) => {
    expect(listsIn(text)).toEqual([]);
  });
});
