import { expect, test } from "vitest";
import { createFieldParser } from "./field-parser.ts";

const blanks = " ".repeat(80_000);

test.each([
  ["ini", `a=${blanks}b${blanks}c${blanks}`, `b${blanks}c`],
  ["env", `A=b${blanks}c${blanks}`, `b${blanks}c`],
] as const)("blanks in a value of %s cost no more than their length", async (format, text, value) => {
  const parse = await createFieldParser(format);
  const started = process.cpuUsage();
  const [found = new Uint8Array()] = parse(Buffer.from(text), "x").values();
  const { user } = process.cpuUsage(started);
  expect(Buffer.from(found).toString()).toBe(value);
  expect(user / 1000).toBeLessThan(500);
});
