import { describe, expect, test } from "vitest";
import * as yaml from "yaml";
import { composeYaml } from "./compose-yaml.ts";

const compose = (text: string, firstOnly?: boolean): ReturnType<typeof composeYaml> =>
  composeYaml(text, yaml, new yaml.LineCounter(), firstOnly);

/** Each has hundreds of thousands of errors, nodes or documents; a tree or a list of all of them takes minutes and gigabytes. */
describe("a text of two megabytes costs no more than its first fault", () => {
  test.each([
    ["escapes that are none", `a: "${"\\q".repeat(1_000_000)}"`, "syntax"],
    ["brackets that close nothing", `a: b\n${"]".repeat(2_000_000)}`, "too-many-tokens"],
    ["directives that are none", `a: b\n${"%\n".repeat(1_000_000)}`, "too-many-tokens"],
    ["tags of nobody", `a: [${"!a x,".repeat(10_000)}]`, "syntax"],
    ["a list of numbers", `a: [${"1,".repeat(1_000_000)}1]`, "too-many-tokens"],
    ["a list in lines", "- \n".repeat(700_000), "too-many-tokens"],
    ["documents", "---\n".repeat(40_000), "too-many-tokens"],
    ["lists within lists", "[".repeat(2_000_000), "too-deep"],
    ["lists within lists, in a line", "- ".repeat(30_000), "too-deep"],
    ["keys within keys", "? ".repeat(30_000), "too-deep"],
  ])("%s", (_title, text, fault) => {
    expect(compose(text)).toMatchObject({ fault });
  });

  test("but one value of two megabytes, in whatever form, is read", () => {
    const long = "x".repeat(2_000_000);
    for (const text of [`a: ${long}`, `a: "${long}"`, `a: |\n  ${long}`, `a: ${"x\n  ".repeat(500_000)}`])
      expect(compose(text)).toHaveProperty("documents.length", 1);
  });
});

test("tells where the fault is", () => {
  expect(compose("a: b\nc: @d\n")).toMatchObject({ fault: "syntax", offset: 8 });
  expect(compose("a: b\n]\n")).toMatchObject({ fault: "syntax", offset: 5 });
});

test("brackets within text are none", () => {
  for (const text of [`a: "${"[".repeat(200)}"`, `a: |\n${"  [\n".repeat(200)}`, `a: b${"[".repeat(200)}`])
    expect(compose(text)).toHaveProperty("documents.length", 1);
});

test("reads the first document alone where that is asked", () => {
  const composed = compose("a: b\n---\nc: @d\n", true);
  expect(composed).toMatchObject({ second: 5 });
  expect("documents" in composed && composed.documents.map((document) => document.toJS())).toEqual([{ a: "b" }]);
  expect(compose("a: b\n...\n", true)).toMatchObject({ second: undefined });
});
