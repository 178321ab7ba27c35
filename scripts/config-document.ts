import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema } from "../packages/core/src/config/config-json-schema.ts";
import { repository } from "./workspace.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Where the type of a config document lies, written from the schema that reads it. */
export const configDocumentFile: string = join(repository, "packages/core/src/config/config-document.ts");

/** The type of a config document as it is written inline, so that a misspelt key does not compile. */
export function configDocumentText(): string {
  return `// Written by \`pnpm generate\` from config-schema.ts.

/** The source of a config document: the document itself, or its file. */
export type ConfigSource = ConfigDocument | URL | string;

/** Replaces any string, number or boolean of a config document: a variable, or a file without its final line end. */
export type ValueSource = { readonly $env: string } | { readonly $file: string };

/** A config document for \`createSecrets({ config })\`. The options of a provider are those of its adapter. */
export interface ConfigDocument ${membersOf(configJsonSchema({}), "")}
`;
}

function membersOf(schema: Schema, indent: string): string {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>);
  const required = new Set((schema.required ?? []) as readonly string[]);
  const inner = `${indent}  `;
  const members = properties.map(([key, member]) => {
    const description = member.description === undefined ? "" : `${inner}/** ${String(member.description)} */\n`;
    return `${description}${inner}readonly ${key}${required.has(key) ? "" : "?"}: ${typeOf(member, inner)};\n`;
  });
  // An object that takes other keys leaves them to an adapter.
  const open = schema.additionalProperties === false ? "" : `${inner}readonly [option: string]: unknown;\n`;
  return `{\n${members.join("")}${open}${indent}}`;
}

function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return "ValueSource";
  const forms = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (forms !== undefined) return forms.map((form) => typeOf(form, indent)).join(" | ");
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `readonly (${typeOf(schema.items as Schema, indent)})[]`;
  if (schema.type === "object" && schema.properties === undefined)
    return `Readonly<Record<string, ${typeOf(schema.additionalProperties as Schema, indent)}>>`;
  if (schema.type === "object") return membersOf(schema, indent);
  return schema.type === "integer" ? "number" : String(schema.type);
}

if (import.meta.main) writeFileSync(configDocumentFile, configDocumentText());
