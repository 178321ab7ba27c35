import { expect, test } from "vitest";
import { parseFailures } from "../../shared/parse/parse-errors.ts";
import { iniTree } from "./ini-tree.ts";
import { jsonTree } from "./json-tree.ts";

const failures = parseFailures("x", "a format");
const blanks = " ".repeat(200_000);

/** Work that grows with the square of the text would not end within the time limit of a test; these take milliseconds. */
test.each<[string, () => unknown]>([
  ["blanks within a key of INI", () => iniTree(`a${blanks}b`, failures)],
  ["blanks before a quote in INI", () => iniTree(`a${blanks}"=x`, failures)],
  ["a quote of many lines in INI that is not closed", () => iniTree(`a = \`${"\n".repeat(500_000)}`, failures)],
  [
    "many keys of one section in INI",
    () => iniTree(`${Array.from({ length: 60_000 }, (_, at) => `k${at}=v\n`).join("")}[`, failures),
  ],
  [
    "many sections of INI",
    () => iniTree(`${Array.from({ length: 60_000 }, (_, at) => `[s${at}]\n`).join("")}[`, failures),
  ],
  ["a number of many digits in JSON", () => jsonTree(`{"a":${"1".repeat(900_000)}}`, failures)],
])("%s cost no more than their length", (_title, parse) => {
  expect(parse).toThrow();
});
