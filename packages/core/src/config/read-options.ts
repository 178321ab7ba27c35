import type { Adapter } from "../contract/contract.ts";
import type { ProviderConfig } from "../provider/provider-config.ts";
import { resolveOptions, validateOptions } from "./provider-options.ts";

/** Resolves and validates the options of one provider. @throws {SecretError} INVALID_CONFIG with all problems */
export async function readOptions(
  adapter: Adapter,
  { name, options, document }: ProviderConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<unknown> {
  const resolved = await resolveOptions(options, adapter.credentials ?? [], { env, provider: name, document });
  return await validateOptions(adapter, resolved, { provider: name, document });
}
