import type { Adapter, ProviderHost } from "@tacit/core/provider";
import { azureKeyVault } from "../../src/azure-key-vault/index.ts";
import type { AzureKeyVaultOptions } from "../../src/azure-key-vault/options.ts";
import { openAzureKeyVaultProvider } from "../../src/azure-key-vault/provider.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";
import { KeyVaultDouble } from "./double.ts";

/** Starts a vault and the endpoint of a managed identity, and providers that log in with that. */
export async function openFixture(members: Partial<ProviderHost> = {}): Promise<StoreFixture<KeyVaultDouble>> {
  const environment: Record<string, string> = {};
  const adapter: Adapter<AzureKeyVaultOptions> = {
    ...azureKeyVault,
    open: (options, host) => openAzureKeyVaultProvider(options, host, environment),
  };
  const fixture = await openStoreFixture(
    {
      adapter: adapter as unknown as Adapter<never>,
      double: () => new KeyVaultDouble(),
      options: ({ double }) => ({ url: double.url }),
    },
    members,
  );
  environment.IDENTITY_ENDPOINT = `${fixture.double.url}/msi/token`;
  environment.IDENTITY_HEADER = "s3cret-fixture-header";
  return fixture;
}
