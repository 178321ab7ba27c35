import type { Adapters } from "../contract/adapters.ts";
import type { Adapter } from "../contract/contract.ts";
import { docsPage } from "../error/docs-page.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { nearest } from "../name/nearest.ts";
import { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { ProviderConfig } from "../provider/provider-config.ts";
import type { ProviderDependencies } from "../provider/provider-host.ts";

/** Resolves and validates options. Its implementation is loaded with the config document. */
export type OptionReader = (adapter: Adapter, config: ProviderConfig) => Promise<unknown>;

/** Loads the adapters of all configured providers and validates their options, without opening them. Returns all problems. */
export async function createProviderPool(
  configs: ReadonlyMap<string, ProviderConfig>,
  adapters: Adapters,
  readOptions: OptionReader,
  dependencies: ProviderDependencies,
): Promise<{ readonly providers: ReadonlyMap<string, ConfiguredProvider>; readonly problems: readonly SecretError[] }> {
  const providers = new Map<string, ConfiguredProvider>();
  const problems: SecretError[] = [];
  for (const provider of configs.values()) {
    try {
      const adapter = await loadAdapter(provider, adapters);
      const validated = await readOptions(adapter, provider);
      const { document: _, ...config } = provider;
      providers.set(provider.name, new ConfiguredProvider(config, adapter, validated, dependencies));
    } catch (error) {
      problems.push(...flatten(error, provider));
    }
  }
  return { providers, problems };
}

/** Returns the problems of the options of one provider; none if its adapter is missing, which is reported elsewhere. */
export async function optionProblems(
  provider: ProviderConfig,
  adapters: Adapters,
  readOptions: OptionReader,
): Promise<readonly SecretError[]> {
  if (!Object.hasOwn(adapters, provider.use)) return [];
  try {
    await readOptions(await loadAdapter(provider, adapters), provider);
    return [];
  } catch (error) {
    return flatten(error, provider);
  }
}

async function loadAdapter(provider: ProviderConfig, adapters: Adapters): Promise<Adapter> {
  const { use } = provider;
  const known = Object.hasOwn(adapters, use) ? adapters[use] : undefined;
  if (known === undefined) throw unknownAdapter(provider, Object.keys(adapters));
  const adapter = (typeof known === "function" ? await known() : known) as Adapter;
  const missing = (["name", "options", "open"] as const).find((member) => adapter?.[member] === undefined);
  if (missing === undefined) return adapter;
  throw new SecretError("INVALID_CONFIG", `the adapter "${use}" has no \`${missing}\``, {
    reason: "invalid-adapter",
    provider: provider.name,
    tip: `See ${docsPage("writing-a-provider")}`,
  });
}

function unknownAdapter({ name, use }: ProviderConfig, known: readonly string[]): SecretError {
  const near = nearest(use, known);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return new SecretError(
    "INVALID_CONFIG",
    `provider "${name}" uses the adapter "${use}", which this application did not pass${hint}`,
    {
      reason: "unknown-adapter",
      provider: name,
      tip:
        known.length === 0
          ? "Pass `adapters` from @tacit/providers to createSecrets."
          : `The adapters passed are: ${known.join(", ")}.`,
    },
  );
}

function flatten(error: unknown, { name, use }: ProviderConfig): readonly SecretError[] {
  if (isSecretError(error)) return error.errors ?? [error];
  return [
    new SecretError("INVALID_CONFIG", `the adapter "${use}" of provider "${name}" cannot be loaded`, {
      reason: "adapter-load",
      provider: name,
      cause: error,
    }),
  ];
}
