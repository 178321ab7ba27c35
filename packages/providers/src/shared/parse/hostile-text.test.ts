import { expect, test } from "vitest";
import { createFieldParser } from "./field-parser.ts";

/** So many that quadratic work would exceed the time limit of a test. */
const blanks = " ".repeat(80_000);

test.each([
  ["ini", `a=${blanks}b${blanks}c${blanks}`, `b${blanks}c`],
  ["env", `A=b${blanks}c${blanks}`, `b${blanks}c`],
] as const)("long runs of spaces in a value of %s take linear time", async (format, text, value) => {
  const parse = await createFieldParser(format);
  const [found = new Uint8Array()] = parse(Buffer.from(text), "x").values();
  expect(Buffer.from(found).toString()).toBe(value);
});
