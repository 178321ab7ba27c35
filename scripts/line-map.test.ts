import { SourceMap } from "node:module";
import { encode } from "@jridgewell/sourcemap-codec";
import { expect, test } from "vitest";
import { lineMap } from "./line-map.ts";

const full = {
  version: 3,
  file: "bundle.js",
  sourceRoot: "",
  sourcesContent: [],
  sources: ["a.ts", "b.ts"],
  names: ["first", "second"],
  mappings: encode([
    [
      [0, 0, 4, 0, 0],
      [4, 0, 4, 6, 1],
      [9, 0, 5, 0],
      [12, 1, 5, 2],
      [15, 1, 5, 8],
    ],
    [],
    [[2, 1, 7, 0]],
  ]),
};

test("keeps the file and line of every position, and drops what only tells columns apart", () => {
  const text = lineMap(JSON.stringify(full));
  const before = new SourceMap(full);
  const after = new SourceMap(JSON.parse(text));
  for (const [line, column] of [
    [0, 0],
    [0, 6],
    [0, 10],
    [0, 13],
    [0, 20],
    [2, 2],
    [2, 9],
  ] as const) {
    const { originalSource, originalLine } = before.findEntry(line, column) as Record<string, unknown>;
    expect(after.findEntry(line, column)).toMatchObject({ originalSource, originalLine });
  }
  expect(JSON.parse(text)).toMatchObject({ version: 3, sources: full.sources, names: [] });
  expect(JSON.parse(text).mappings.split(/[,;]/).filter(Boolean)).toHaveLength(4);
});
