import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../test/seeds.ts";
import { compilePattern } from "./name-pattern.ts";

describe("a name pattern", () => {
  test.each([
    ["db/primary", "db/primary", true],
    ["db/primary", "db/primary2", false],
    ["db/primary", "db/Primary", false],
    ["db/*", "db/primary", true],
    ["db/*", "db", false],
    ["db/*", "db/a/b", false],
    ["db/**", "db/a/b", true],
    ["db/**", "db/a", true],
    ["db/**", "db", true],
    ["db/**", "dbx/a", false],
    ["**", "anything/at/all", true],
    ["*", "one", true],
    ["*", "one/two", false],
    ["**/key", "key", true],
    ["**/key", "a/b/key", true],
    ["**/key", "a/b/keys", false],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a/**/z", "a/b/c", false],
    ["a/**/m/**/z", "a/x/m/y/z", true],
    ["pre*", "prefix", true],
    ["pre*fix", "prefix", true],
    ["*-key", "stripe-key", true],
    ["s*e*y", "stripe-key", true],
    ["a.b", "axb", false],
    ["a+", "aa", false],
    ["(a)", "a", false],
  ])("%s on %s: %s", (pattern, name, expected) => {
    expect(compilePattern(pattern).matches(name)).toBe(expected);
  });

  test("reports the length of its literal prefix", () => {
    expect(["db/primary", "db/**", "db/p*", "**"].map((text) => compilePattern(text).literalPrefix)).toEqual([
      10, 3, 4, 0,
    ]);
  });

  test("agrees with a naive matcher on every small case", () => {
    const segment = fc.array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 4 }).map((all) => all.join(""));
    const pattern = fc.array(fc.oneof(segment, fc.constant("**")), { minLength: 1, maxLength: 5 });
    const name = fc.array(
      fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 4 }).map((all) => all.join("")),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(pattern, name, (wanted, segments) => {
        fc.pre(wanted.every((one) => one === "**" || !one.includes("**")));
        expect(compilePattern(wanted.join("/")).matches(segments.join("/"))).toBe(naive(wanted, segments));
      }),
      { numRuns: runsOf(2_000) },
    );
  });

  test("does not take exponential time on hostile input", () => {
    const stars = `${"*a".repeat(60)}*`;
    expect(compilePattern(stars).matches("a".repeat(59).concat("b".repeat(190)))).toBe(false);
    const segments = `${"**/a/".repeat(60)}z`;
    expect(compilePattern(segments).matches(Array(126).fill("a").join("/"))).toBe(false);
  });
});

function naive(pattern: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === "**") return naive(rest, name) || (name.length > 0 && naive(pattern, name.slice(1)));
  const [head, ...tail] = name;
  if (head === undefined) return false;
  return new RegExp(`^${first.replaceAll("*", ".*")}$`).test(head) && naive(rest, tail);
}
