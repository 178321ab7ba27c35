import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema } from "../packages/core/src/config/config-json-schema.ts";
import { adapters } from "../packages/providers/src/index.ts";
import { repository } from "./workspace.ts";

/** Where the JSON Schema lies; it ships with the package that knows the options. */
export const configSchemaFile: string = join(repository, "packages/providers/config.schema.json");

/** The JSON Schema of a config document as the sources have it now, with the options of every adapter of this repository. */
export async function configSchemaText(): Promise<string> {
  const schemas: Record<string, Parameters<typeof configJsonSchema>[0][string]> = {};
  for (const [name, load] of Object.entries(adapters)) {
    schemas[name] = (await (await load()).options()) as Parameters<typeof configJsonSchema>[0][string];
  }
  return `${JSON.stringify(configJsonSchema(schemas))}\n`;
}

if (import.meta.main) writeFileSync(configSchemaFile, await configSchemaText());
