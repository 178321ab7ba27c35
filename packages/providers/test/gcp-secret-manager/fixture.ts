import type { Adapter, ProviderHost } from "@tacit/core/provider";
import { gcpSecretManager } from "../../src/gcp-secret-manager/index.ts";
import type { GcpSecretManagerOptions } from "../../src/gcp-secret-manager/options.ts";
import { openGcpSecretManagerProvider } from "../../src/gcp-secret-manager/provider.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";
import { SecretManagerDouble } from "./double.ts";

/** Starts Secret Manager and a metadata server, and providers that log in as the instance. */
export async function openFixture(members: Partial<ProviderHost> = {}): Promise<StoreFixture<SecretManagerDouble>> {
  const environment: Record<string, string> = {};
  const adapter: Adapter<GcpSecretManagerOptions> = {
    ...gcpSecretManager,
    open: (options, host) => openGcpSecretManagerProvider(options, host, environment),
  };
  const fixture = await openStoreFixture(
    {
      adapter: adapter as unknown as Adapter<never>,
      double: () => new SecretManagerDouble(),
      options: ({ double }) => ({ project: "orders", endpoint: double.url }),
    },
    members,
  );
  environment.GCE_METADATA_HOST = fixture.double.url.replace("http://", "");
  return fixture;
}
