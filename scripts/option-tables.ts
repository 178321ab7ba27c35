import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema } from "../packages/core/src/config/config-json-schema.ts";
import { keyRingOptions } from "../packages/providers/src/shared/keys/options.ts";
import { durationPattern } from "../packages/providers/src/shared/options.ts";
import { adapterFolders } from "./adapter-list.ts";
import { configSchemaText } from "./config-schema.ts";
import { repository } from "./workspace.ts";

/** The part of JSON Schema that an option table shows. */
export interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly additionalProperties?: OptionSchema | boolean;
  readonly items?: OptionSchema;
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly required?: readonly string[];
  readonly $ref?: string;
}

/** Returns the Markdown file of an adapter's options, from the root of the repository. */
export function optionPage(adapter: string): string {
  return `docs/providers/${adapter}.md`;
}

/**
 * Returns a page with the option table that its adapter's schema says.
 * @throws when the page has not one place for the table
 */
export function withOptionTable(page: string, adapter: string, table: string): string {
  const parts = page.split(placeOf(adapter));
  if (parts.length !== 3)
    throw new Error(
      `${adapter.startsWith("keys/") ? keyPage : optionPage(adapter)} needs one "<!-- options: ${adapter} -->" and its end`,
    );
  return `${parts[0]}<!-- options: ${adapter} -->\n\n${table}\n<!-- /options -->${parts[2]}`;
}

/** Returns the option table of every adapter, by its name. */
export async function optionTables(): Promise<ReadonlyMap<string, string>> {
  const document = JSON.parse(await configSchemaText()) as DocumentSchema;
  const provider = document.properties.providers.additionalProperties;
  const common = new Set(Object.keys(provider.properties));
  return new Map(
    provider.allOf.map((rule) => [rule.if.properties.use.const, optionTable(without(rule.then, common))] as const),
  );
}

/** The page of the key services, from the root of the repository. */
export const keyPage = "docs/keys.md";

/** Returns the option table of every key service, by its name on the page: `keys/age`. */
export function keyTables(): ReadonlyMap<string, string> {
  const { properties } = configJsonSchema({ keys: keyRingOptions } as never) as unknown as DocumentSchema;
  const [rule] = properties.providers.additionalProperties.allOf;
  const services = rule?.then.properties?.keys?.items?.oneOf ?? [];
  const own = new Set(["use"]);
  return new Map(
    services.map(
      (service) => [`keys/${service.properties?.use?.anyOf?.[0]?.const}`, optionTable(without(service, own))] as const,
    ),
  );
}

/**
 * Returns a table with one row for each option, and for each option of an option: `tls.verify`, `wrapped[].name`.
 * @throws when an option has no description
 */
export function optionTable(schema: OptionSchema): string {
  const rows = [["option", "default", "type", "meaning"], ...rowsOf("", schema)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...body] = rows;
  return [line(head), line([...widths.map((width) => "-".repeat(width)), "---"]), ...body.map(line)].join("");
}

interface DocumentSchema {
  readonly properties: {
    readonly providers: {
      readonly additionalProperties: {
        readonly properties: Readonly<Record<string, unknown>>;
        readonly allOf: readonly {
          readonly if: { readonly properties: { readonly use: { readonly const: string } } };
          readonly then: OptionSchema;
        }[];
      };
    };
  };
}

function without(schema: OptionSchema, common: ReadonlySet<string>): OptionSchema {
  const own = Object.entries(schema.properties ?? {}).filter(([key]) => !common.has(key));
  return { ...schema, properties: Object.fromEntries(own) };
}

function rowsOf(at: string, schema: OptionSchema): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const key = at + name;
    if (option.description === undefined) throw new Error(`the option ${key} has no description`);
    const row = [`\`${key}\``, fallbackOf(option, schema.required?.includes(name)), typeOf(option), option.description];
    return [row.map(escapeBars), ...rowsOf(`${key}.`, option), ...rowsOf(`${key}[].`, option.items ?? {})];
  });
}

function fallbackOf(option: OptionSchema, isRequired = false): string {
  if (isRequired) return "required";
  return option.default === undefined ? "" : `\`${JSON.stringify(option.default)}\``;
}

/** What a value looks like, in words. A source may stand for every scalar, so it is not mentioned. */
function typeOf(schema: OptionSchema): string {
  if (schema.$ref === "#/$defs/credential") return "source";
  const choices = schema.anyOf?.filter(({ $ref }) => $ref === undefined);
  if (choices !== undefined) return choices.map(typeOf).join(" or ");
  if (schema.enum !== undefined) return schema.enum.map(literal).join(", ");
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.pattern === durationPattern.source) return "duration";
  if (schema.format === "uri") return "URL";
  if (schema.type === "integer") return `integer, at most ${schema.maximum}`;
  if (schema.type === "array") return `list of ${pluralOf(schema.items ?? {})}`;
  if (typeof schema.additionalProperties === "object") return `map of ${pluralOf(schema.additionalProperties)}`;
  return schema.type ?? "object";
}

function pluralOf(schema: OptionSchema): string {
  const type = typeOf(schema);
  return type === "object" || type === "string" ? `${type}s` : type;
}

function literal(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function escapeBars(cell: string): string {
  return cell.replaceAll("|", "\\|");
}

/** The place of a table, split so that what stands before and behind it stays as it is. */
function placeOf(adapter: string): RegExp {
  return new RegExp(`<!-- options: ${adapter} -->([\\s\\S]*?)<!-- /options -->`);
}

if (import.meta.main) {
  const tables = await optionTables();
  for (const adapter of adapterFolders()) {
    const file = join(repository, optionPage(adapter));
    writeFileSync(file, withOptionTable(readFileSync(file, "utf8"), adapter, tables.get(adapter) ?? ""));
  }
  const keys = join(repository, keyPage);
  let page = readFileSync(keys, "utf8");
  for (const [service, table] of keyTables()) page = withOptionTable(page, service, table);
  writeFileSync(keys, page);
}
