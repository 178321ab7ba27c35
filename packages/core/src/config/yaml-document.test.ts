import { describe, expect, test } from "vitest";
import { parseYaml } from "./yaml-document.ts";

async function problemsOf(text: string): Promise<readonly string[]> {
  const parsed = await parseYaml(text);
  return "problems" in parsed ? parsed.problems.map(({ message }) => message) : [];
}

const open = "[".repeat(40);

describe("of several faults of a YAML document", () => {
  test.each<[string, string, readonly string[]]>([
    [
      "too deep a nesting, also where a key is repeated before it",
      `a: 1\na: 2\nb: ${open}`,
      ["is nested deeper than 32 levels: line 3, column 35"],
    ],
    ["too deep a nesting, also where it is broken off", open, ["is nested deeper than 32 levels: line 1, column 33"]],
    [
      "too deep a nesting, also behind a tag",
      `a: !x b\nb: ${open}${"]".repeat(40)}`,
      ["is nested deeper than 32 levels: line 2, column 35"],
    ],
    [
      "the first one of the syntax, also where a key is repeated before it",
      "a: 1\na: 2\nb:\n\tc: 1",
      ["is indented with a tab: line 4, column 1"],
    ],
    [
      "the first one of the syntax, a tag",
      "a: !x b\nb: [",
      ["uses a tag that YAML's core schema does not have: line 1, column 4"],
    ],
    [
      "the first one of the syntax, not that of a later tag",
      "a: b: c\nd: !x e",
      ["is not valid YAML: line 1, column 4"],
    ],
    [
      "all repeated keys",
      "a: 1\na: 2\nb: {c: 1, c: 2}",
      [
        "has a key more than once in one map: line 2, column 1",
        "has a key more than once in one map: line 3, column 11",
      ],
    ],
    [
      "the first pattern without quotes, not the alone star",
      "routes:\n  - match: *\n  - match: **\n",
      ['has a value that begins with "*" and is not quoted: line 2, column 12'],
    ],
  ])("it tells %s", async (_what, text, messages) => {
    expect(await problemsOf(text)).toEqual(messages);
  });

  test.each([
    ["lists in a line", "[".repeat(200_000)],
    ["maps in a line", "{a: ".repeat(50_000)],
    ["lists of dashes", "- ".repeat(50_000)],
    ["keys that are maps", "? ".repeat(50_000)],
    ["a key that is a list", `${"[".repeat(40)}${"]".repeat(40)}: 1`],
    ["maps by indentation", Array.from({ length: 500 }, (_, index) => `${" ".repeat(index)}a:`).join("\n")],
  ])("it tells the depth of %s, whatever stack is left", async (_what, text) => {
    expect(await problemsOf(text)).toEqual([expect.stringContaining("is nested deeper than 32 levels")]);
  });

  test("a document of 32 levels is read", async () => {
    expect(await problemsOf(`a: ${"[".repeat(31)}${"]".repeat(31)}`)).toEqual([]);
  });
});
