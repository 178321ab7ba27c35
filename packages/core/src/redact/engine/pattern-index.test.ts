import { createHash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createPattern, type Pattern } from "./pattern.ts";
import { PatternIndex } from "./pattern-index.ts";

const many = 200;

function digestOf(number: number): string {
  return createHash("sha256").update(`fixture ${number}`).digest("base64url");
}

function secretOf(number: number): string {
  return digestOf(number).slice(0, 22);
}

function added(index: PatternIndex, contentOf: (number: number) => string | Uint8Array = secretOf): readonly Pattern[] {
  const patterns = Array.from({ length: many }, (_, number) =>
    createPattern({ content: contentOf(number), isWhole: true, isDocument: false, isWord: false }),
  );
  for (const pattern of patterns) index.add(pattern);
  return patterns;
}

test("many patterns are entered in turns of the event loop, a few in each, before anything is searched", async () => {
  const index = new PatternIndex();
  added(index);
  expect(index.waiting).toBe(many);
  let before = many;
  for (let turns = 0; turns < many && index.waiting > 0; turns++) {
    await turn();
    expect(before - index.waiting).toBeLessThanOrEqual(20);
    before = index.waiting;
  }
  expect(index.waiting).toBe(0);
});

const printed: Readonly<Record<string, (value: string) => string>> = {
  "as it is": (value) => value,
  "in base64, after something else": (value) => Buffer.from(`x:${value}`).toString("base64"),
  "in hex": (value) => Buffer.from(value).toString("hex").toUpperCase(),
  "in upper case": (value) => value.toUpperCase(),
};

test.each(Object.entries(printed))("a waiting pattern is found %s, and the others keep waiting", (_, print) => {
  for (let number = 0; number < many; number += 37) {
    const index = new PatternIndex();
    const patterns = added(index);
    const found = index.search(`some text, then ${print(secretOf(number))} and more`);
    expect(found.map(({ pattern }) => pattern)).toContain(patterns[number]);
    expect(index.waiting).toBeGreaterThan(many / 2);
    expect(index.waiting).toBeLessThan(many);
  }
});

test("a waiting pattern is found in pieces, as evidence for a search of another kind", () => {
  const index = new PatternIndex();
  added(index);
  expect(index.search("nothing of them").length).toBe(0);
  expect(index.sawPiece).toBe(false);
  const value = secretOf(150);
  index.search(`msg="${value.slice(0, 11)}" + "${value.slice(11)}"`);
  expect(index.sawPiece).toBe(true);
});

test("a part of a token that waits is found, of any 16 characters", () => {
  for (let from = 0; from + 16 <= digestOf(9).length; from++) {
    const index = new PatternIndex();
    const patterns = added(index, digestOf);
    const found = index.search(`${"-".repeat(from)} ${digestOf(9).slice(from, from + 16)}!`);
    expect(found.map(({ pattern }) => pattern)).toContain(patterns[9]);
  }
});

test("a part of a token is found, of any 16 characters wherever it stands, and however short other values are", () => {
  for (const others of [[], ["s3cret!9"]]) {
    const index = new PatternIndex();
    for (const content of [digestOf(9), ...others])
      index.add(createPattern({ content, isWhole: true, isDocument: false, isWord: false }));
    for (let from = 1; from + 16 < digestOf(9).length; from++) {
      for (let before = 0; before < 12; before++) {
        const text = `${"-".repeat(before)}${digestOf(9).slice(from, from + 16)}!`;
        expect(index.search(text)).toMatchObject([{ start: before, end: before + 16, encoding: "fragment" }]);
      }
    }
  }
});

test("repeated searches enter all patterns, even if the event loop has no turn", () => {
  const index = new PatternIndex();
  added(index);
  for (let line = 0; line < many / 4; line++) index.search("nothing of them");
  expect(index.waiting).toBe(0);
});

test("patterns that are removed before their turn are neither entered nor found", async () => {
  const index = new PatternIndex();
  const patterns = added(index);
  for (const pattern of patterns) index.remove(pattern);
  const later = added(index, (number) => secretOf(number + many));
  const found = index.search(`x ${secretOf(3)} y ${secretOf(many + 3)}`);
  expect(new Set(found.map(({ pattern }) => pattern))).toEqual(new Set([later[3]]));
  for (const pattern of later) index.remove(pattern);
  await turn();
  expect(index.isEmpty).toBe(true);
  expect(index.variants).toBe(0);
});
