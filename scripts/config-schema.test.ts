import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configSchemaFile, configSchemaText } from "./config-schema.ts";

test("the JSON Schema that ships is that of the sources (to write it: npx pnpm@12 generate)", async () => {
  expect(readFileSync(configSchemaFile, "utf8")).toBe(await configSchemaText());
});
