import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readings } from "./decodings.ts";

/** The same on every run, and of no structure. */
function noise(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const record = '{"level":30,"msg":"GET /v1/things?id=8f14e45f 200 in 12.5 ms \\"quoted\\"","next":"a%20b&amp;c"}\n';

const texts: Readonly<Record<string, (length: number) => string>> = {
  records: (length) => record.repeat(length / record.length),
  words: (length) => "lorem ipsum dolor ".repeat(length / 18),
  letters: (length) => "a".repeat(length),
  braces: (length) => "{".repeat(length),
  backslashes: (length) => "\\".repeat(length),
  percents: (length) => "%2525".repeat(length / 5),
  entities: (length) => "&amp;amp;".repeat(length / 9),
  quotes: (length) => "' +\n '".repeat(length / 6),
  "blanks after a number": (length) => `1${" ".repeat(length)}`,
  base64: (length) => noise((length * 3) / 4).toString("base64"),
  hex: (length) => noise(length / 2).toString("hex"),
  numbers: (length) => noise(length / 4).join(","),
  "bytes as text": (length) => noise(length).toString("latin1"),
};

function size(text: string): number {
  return [...readings(text)].reduce((sum, reading) => sum + reading.length, 0);
}

test.each(Object.entries(texts))("makes at most 40 characters from each of many %s", (_, make) => {
  for (const length of [16_000, 128_000]) expect(size(make(length)) / length).toBeLessThan(40);
});

test("reads a text as it is first", () => {
  const [first] = readings("%41 \\n &lt;");
  expect(first).toBe("%41 \\n &lt;");
});
