import type { SecretError } from "../error/secret-error.ts";
import type { ProviderConfig } from "../provider/provider-config.ts";
import { coerceSources } from "./coerce-sources.ts";
import type { ConfigSource } from "./config-document.ts";
import { documentError, toErrors, withoutConsequences } from "./config-problem.ts";
import { configSchema, type PartEntry, type ProviderEntry, providerKeys, type ValidDocument } from "./config-schema.ts";
import { crossProblems } from "./cross-check.ts";
import { isRecord, type JsonPath } from "./json-path.ts";
import type { BindingConfig, BindingPart, ParsedConfig, SnapshotConfig } from "./parsed-config.ts";
import { type RawDocument, readDocument } from "./read-document.ts";
import { resolveSources } from "./resolve-sources.ts";
import { schemaProblems } from "./schema-problems.ts";

/** The context of a document: the values to which it may refer. */
export interface ConfigContext {
  /** The environment variables, usually `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The keys of the `adapters` that the application passed, which are the valid values of `use`. */
  readonly adapterNames: readonly string[];
  /** Returns the problems of the options of one provider. Default: options are not checked. */
  checkOptions?(provider: ProviderConfig): Promise<readonly SecretError[]>;
}

/**
 * Reads, resolves and validates the config document; `readDocument` describes its sources. The options of providers are left
 * unchanged, including their sources; `resolveOptions` and `validateOptions` handle them.
 * @throws {SecretError} INVALID_CONFIG whose `errors` are all problems, each with its JSON path, without values of the document
 */
export async function loadConfig(source: ConfigSource | undefined, context: ConfigContext): Promise<ParsedConfig> {
  const raw = await readDocument(source, context.env);
  const resolved = await resolveSources(raw.value, {
    env: context.env,
    decide: (path) => (isProviderOption(path) ? "keep" : "resolve"),
  });
  coerceSources(resolved.value, resolved.sources, configSchema);
  const parsed = configSchema.safeParse(resolved.value);
  const findings = { schema: configSchema, document: resolved.value, issues: parsed.error?.issues ?? [] };
  const problems = withoutConsequences(resolved.problems, [
    ...schemaProblems(findings),
    ...crossProblems(resolved.value, context.adapterNames),
  ]);
  if (!parsed.success || problems.length > 0) {
    const own = await toErrors(raw, problems);
    throw documentError(raw.source, [...own, ...(await optionProblems(resolved.value, raw, context))]);
  }
  return toParsedConfig(raw, parsed.data);
}

function isProviderOption([section, second, key]: JsonPath): boolean {
  if (section === "snapshot") return second === "keys" && key !== undefined;
  return section === "providers" && key !== undefined && !providerKeys.includes(String(key));
}

/** Returns the problems of the options of all providers, so that one run reports everything. */
async function optionProblems(
  document: unknown,
  raw: RawDocument,
  { checkOptions }: ConfigContext,
): Promise<readonly SecretError[]> {
  const providers = isRecord(document) && isRecord(document.providers) ? Object.entries(document.providers) : [];
  const found = providers.map(async ([name, entry]) => {
    if (checkOptions === undefined || !isRecord(entry) || typeof entry.use !== "string") return [];
    const { use, optional: _, pollInterval: __, ...options } = entry;
    return await checkOptions({ name, use, optional: false, options, ...documentOf(raw) });
  });
  return (await Promise.all(found)).flat();
}

function toParsedConfig(document: RawDocument, data: ValidDocument): ParsedConfig {
  const { providers, routes, bindings, cache, onDenied, allow, snapshot } = data;
  return {
    source: document.source,
    providers: mapOf(providers, (entry, name) => toProvider(name, entry, document)),
    routes: routes.map(({ match, to, fallbackOn }) => ({ match, to, fallbackOn: new Set(fallbackOn) })),
    bindings: mapOf(bindings, toBinding),
    cache: { ttlMs: cache.ttl, maxStaleMs: cache.maxStale, maxEntries: cache.maxEntries },
    onDenied,
    ...(allow === undefined ? {} : { allow }),
    ...(snapshot === undefined ? {} : { snapshot: toSnapshot(snapshot, document) }),
  };
}

function toSnapshot(
  { path, keys, maxAge, only }: NonNullable<ValidDocument["snapshot"]>,
  document: RawDocument,
): SnapshotConfig {
  return {
    path,
    keys,
    maxAgeMs: maxAge,
    ...(only === undefined ? {} : { only }),
    ...documentOf(document),
  };
}

function toProvider(
  name: string,
  { use, optional, pollInterval, ...options }: ProviderEntry,
  document: RawDocument,
): ProviderConfig {
  return {
    name,
    use,
    optional,
    options,
    ...documentOf(document),
    ...(pollInterval === undefined ? {} : { pollMs: pollInterval }),
  };
}

function documentOf({ place, text }: RawDocument): Pick<ProviderConfig, "document"> {
  return place === undefined ? {} : { document: { place, text } };
}

function toBinding(binding: ValidDocument["bindings"][string]): BindingConfig {
  return "fields" in binding
    ? { kind: "composite", fields: mapOf(binding.fields, toPart) }
    : { kind: "single", part: toPart(binding) };
}

function toPart({ provider, path, select, version, optional = false }: PartEntry): BindingPart {
  return {
    provider,
    path,
    optional,
    ...(select === undefined ? {} : { select }),
    ...(version === undefined ? {} : { version }),
  };
}

function mapOf<T, U>(record: Readonly<Record<string, T>>, convert: (value: T, key: string) => U): Map<string, U> {
  return new Map(Object.entries(record).map(([key, value]) => [key, convert(value, key)]));
}
