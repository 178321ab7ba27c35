import { sealedSecrets } from "../../../src/sealed-secrets/index.ts";
import { testFile } from "../../test-file.ts";
import type { MemoryCases } from "./memory-cases.ts";
import { filled, hostile, mutated, numbered } from "./mutations.ts";
import { readerOf } from "./written-file.ts";

const cap = 2 * 1024 * 1024;
const open = await readerOf(sealedSecrets, [{ use: "sealed-secrets", file: "old.key" }], cap);
const strict = testFile("sealed-secrets", "strict.yaml");
const text = strict.toString();

/** The files of kubeseal with another value of a key. */
const withValue = (value: string): string => text.replace(/password: .*/, `password: ${value}`);

/** Files of kubeseal. */
export const format: MemoryCases = {
  async warmUp() {
    for (let round = 0; round < 10; round += 1) await open(strict);
  },
  cases: [
    hostile("a list of numbers", () => filled("a: [", "1,", cap, "1]\n"), open),
    hostile("a list of numbers in JSON", () => filled('{"a":[', "1,", cap, "1]}"), open),
    hostile("documents", () => filled("a: 1\n", "---\n", cap), open),
    hostile("directives", () => filled("a: 1\n", "%\n", cap), open),
    hostile("wrong escapes", () => filled('a: "', "\\q", cap, '"'), open),
    hostile("comments", () => filled(text, "#\n", cap), open),
    hostile("one long value", () => withValue("A".repeat(cap - 4096)), open),
    hostile("a value that says that its key is long", () => withValue(`//${"A".repeat(cap - 4096)}`), open),
    hostile(
      "keys",
      () => text.replace("    password:", `${numbered(900, (at) => `    k${at}: AQAA\n`)}    password:`),
      open,
    ),
    hostile(
      "a template that grows",
      () => `${text}    data:\n      x: |\n        ${"{{ .password }}".repeat(100_000)}\n`,
      open,
    ),
    hostile("a template of braces", () => `${text}    data:\n      x: |\n        ${"{".repeat(1_500_000)}\n`, open),
    mutated("strict.yaml", [strict], open),
  ],
};
