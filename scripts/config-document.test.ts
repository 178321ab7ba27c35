import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configDocumentFile, configDocumentText } from "./config-document.ts";

/** Formatting is the formatter's. */
const words = (text: string): string => text.replaceAll(/[\s|()]+/g, "");

test("the type of a config document is that of the schema (to write it: npx pnpm@12 generate)", () => {
  expect(words(readFileSync(configDocumentFile, "utf8"))).toBe(words(configDocumentText()));
});
