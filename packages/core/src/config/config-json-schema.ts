import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { configSchema } from "./config-schema.ts";
import { isRecord } from "./json-path.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Returns the JSON Schema (draft 2020-12) of a config document, for editors and for checks before a deployment. It corresponds to
 * the zod schemas, except that a source may replace any scalar. The options of the given adapters are checked by `use`; those of
 * other adapters may be anything, since an application can have its own. It does not check whether the provider of a route exists,
 * or whether a source can be read.
 * @param options adapter name -> the zod schema of its options
 */
export function configJsonSchema(options: Readonly<Record<string, z.core.$ZodType>>): JsonSchema {
  const document = withSources(toJson(configSchema));
  const properties = membersOf(document, "properties");
  const providers = membersOf(properties, "providers");
  const provider = membersOf(providers, "additionalProperties");
  const known = Object.entries(options).map(([use, schema]) => optionsRule(use, withSources(toJson(schema)), provider));
  return {
    ...document,
    $id: "https://github.com/tacit-secrets/tacit/blob/main/packages/providers/config.schema.json",
    title: "Tacit config document",
    properties: { ...properties, providers: { ...providers, additionalProperties: { ...provider, allOf: known } } },
    $defs: { source, credential },
  };
}

function toJson(schema: z.core.$ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
}

/** Returns the rule that a provider with this adapter has only its options and the keys of core. */
function optionsRule(use: string, options: JsonSchema, provider: JsonSchema): JsonSchema {
  const { $schema: _, ...rules } = options;
  const core = Object.fromEntries(Object.keys(membersOf(provider, "properties")).map((key) => [key, true]));
  const properties = { ...core, ...membersOf(rules, "properties") };
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits a schema
  return { if: { properties: { use: { const: use } }, required: ["use"] }, then: { ...rules, properties } };
}

const sourceKeys = {
  $env: "The name of a variable.",
  $file: "The path of a file.",
  $secret: "Another secret of this document, by its name.",
};

const source: JsonSchema = {
  description: "The source of the value: a variable, or a file without its final line end.",
  oneOf: sourcesBy("$env", "$file"),
};

const credential: JsonSchema = {
  description: "The source of a credential, read at each use; a literal credential is refused.",
  oneOf: sourcesBy("$env", "$file", "$secret"),
};

function sourcesBy(...keys: readonly (keyof typeof sourceKeys)[]): readonly JsonSchema[] {
  return keys.map((key) => ({
    type: "object",
    properties: { [key]: { description: sourceKeys[key], type: "string", minLength: 1 } },
    required: [key],
    additionalProperties: false,
  }));
}

/** Returns whether a schema is that of a credential: a union of one object for each key. */
function isCredential({ anyOf }: JsonSchema): boolean {
  const keys = Array.isArray(anyOf) ? anyOf.map((one: JsonSchema) => Object.keys(membersOf(one, "properties"))) : [];
  return isDeepStrictEqual(
    keys,
    Object.keys(sourceKeys).map((key) => [key]),
  );
}

/** The keywords with schemas of values. `propertyNames` is not one of them: it concerns keys, which are always literal. */
const single: ReadonlySet<string> = new Set(["items", "additionalProperties"]);
const several: ReadonlySet<string> = new Set(["properties", "anyOf", "oneOf", "allOf"]);
const scalars: ReadonlySet<unknown> = new Set(["string", "number", "integer", "boolean"]);

/** Returns a schema in which a source may replace each scalar. */
function withSources(schema: JsonSchema): JsonSchema {
  if (isCredential(schema)) {
    const { anyOf: _, ...others } = schema;
    return { ...others, $ref: "#/$defs/credential" };
  }
  if (scalars.has(schema.type)) {
    const { description = scalarHelp(schema), default: fallback, ...scalar } = schema;
    return clean({ description, default: fallback, anyOf: [scalar, { $ref: "#/$defs/source" }] });
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, below(key, value)]));
}

/** Returns a description for the constant that identifies one form of an option. */
function scalarHelp({ const: only }: JsonSchema): string | undefined {
  return only === undefined ? undefined : `This form of the option: \`${String(only)}\`.`;
}

function below(key: string, value: unknown): unknown {
  if (single.has(key) && isRecord(value)) return withSources(value);
  if (!several.has(key)) return value;
  if (Array.isArray(value)) return value.map((each: JsonSchema) => withSources(each));
  return Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, withSources(each)]));
}

function clean(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

function membersOf(schema: JsonSchema, key: string): JsonSchema {
  const member = schema[key];
  return isRecord(member) ? member : {};
}
