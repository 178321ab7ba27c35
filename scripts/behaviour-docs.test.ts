import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "./workspace.ts";

/** A test that a rule names. */
interface Reference {
  /** From the root. */
  readonly path: string;
  readonly title: string;
}

interface Rule {
  readonly number: number;
  readonly references: readonly Reference[];
}

const page = readFileSync(join(repository, "docs/behaviour.md"), "utf8");

/** The numbered rules of a page, each with the tests that it names: a path and parts of titles, all in backquotes. */
function rulesOf(text: string): readonly Rule[] {
  const starts = [...text.matchAll(/^(\d+)\. /gm)];
  return starts.map((start, index) => ({
    number: Number(start[1]),
    references: referencesOf(text.slice(start.index, starts[index + 1]?.index)),
  }));
}

function referencesOf(rule: string): readonly Reference[] {
  return [...rule.matchAll(/`([\w./-]+\.test\.ts)`: (`[^`]+`(?:, `[^`]+`)*)/g)].flatMap(([, path = "", titles = ""]) =>
    [...titles.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => ({
      path: path.startsWith("packages/") ? path : `packages/core/${path}`,
      title,
    })),
  );
}

/** The titles of a test file: the texts that a function follows. */
function titlesOf(source: string): readonly string[] {
  const titles = /"((?:[^"\\]|\\.)*)",\s*(?:\{[^}]*\},\s*)?(?:async\s*)?\(|'((?:[^'\\]|\\.)*)',\s*(?:async\s*)?\(/g;
  return [...source.matchAll(titles)].map(([, double, single]) => (double ?? single ?? "").replaceAll('\\"', '"'));
}

function isHeld({ path, title }: Reference): boolean {
  const file = join(repository, path);
  return existsSync(file) && titlesOf(readFileSync(file, "utf8")).some((one) => one.includes(title));
}

describe("behaviour.md", () => {
  const rules = rulesOf(page);

  test("numbers its rules from 1 on", () => {
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.map(({ number }) => number)).toEqual(rules.map((_, index) => index + 1));
  });

  test("names a test for each rule", () => {
    expect(rules.filter(({ references }) => references.length === 0)).toEqual([]);
  });

  test("names tests that exist", () => {
    const references = rules.flatMap((rule) => rule.references.map((one) => ({ number: rule.number, ...one })));
    expect(references.filter((reference) => !isHeld(reference))).toEqual([]);
  });
});

test("a rule without a test, with a file or with a title that does not exist is found", () => {
  const rules = rulesOf(
    [
      "1. One. — `src/client/close.test.ts`: `is idempotent`, `no such title`",
      "2. Two, as `accept` says.",
      "3. Three.\n   — `src/client/missing.test.ts`: `is idempotent`",
    ].join("\n"),
  );
  expect(rules.map(({ references }) => references.map(isHeld))).toEqual([[true, false], [], [false]]);
});
