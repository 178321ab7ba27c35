import { publishedFiles, readSourceTree } from "./source-tree.ts";

/** Files and lines of one folder: what is published, and what its tests need beside that. */
interface Size {
  files: number;
  lines: number;
  testLines: number;
}

/** Prints published files, lines and test lines for each folder of the published packages, as a Markdown table. */
const tree = readSourceTree();
const published = new Set(publishedFiles(tree).map(({ path }) => path));
const sizes = new Map<string, Size>();
for (const { path, text } of tree.files.values()) {
  const [, name = "", kind, folder] =
    /^packages\/(core|providers|express|nestjs)\/(src|test)\/(?:([^/]+)\/)?/.exec(path) ?? [];
  if (name === "") continue;
  const key = kind === "test" ? `${name} test` : `${name} ${folder ?? "(root)"}`;
  const size = sizes.get(key) ?? { files: 0, lines: 0, testLines: 0 };
  sizes.set(key, size);
  const lines = text.split("\n").length - 1;
  if (published.has(path)) {
    size.files += 1;
    size.lines += lines;
  } else size.testLines += lines;
}
const rows = [...sizes].sort(([a], [b]) => (a < b ? -1 : 1));
const sum = (pick: (size: Size) => number): number => rows.reduce((total, [, size]) => total + pick(size), 0);
const table = [
  "| folder | files | lines | lines for tests |",
  "|---|---|---|---|",
  ...rows.map(([key, { files, lines, testLines }]) => `| ${key} | ${files} | ${lines} | ${testLines} |`),
  `| all | ${sum((size) => size.files)} | ${sum((size) => size.lines)} | ${sum((size) => size.testLines)} |`,
];
process.stdout.write(`${table.join("\n")}\n`);
