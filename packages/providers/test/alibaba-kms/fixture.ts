import type { Adapter, ProviderHost } from "@tacit/core/provider";
import { alibabaKms } from "../../src/alibaba-kms/index.ts";
import type { AlibabaKmsOptions } from "../../src/alibaba-kms/options.ts";
import { openAlibabaKmsProvider } from "../../src/alibaba-kms/provider.ts";
import { openStoreFixture, type StoreFixture } from "../store-fixture.ts";
import { accountId, KmsDouble } from "./double.ts";

/** KMS with providers that log in with the role of a pod unless `environment` is changed. */
export interface KmsFixture extends StoreFixture<KmsDouble> {
  readonly environment: Record<string, string>;
}

/** Starts KMS, STS and a metadata server. */
export async function openFixture(members: Partial<ProviderHost> = {}): Promise<KmsFixture> {
  const environment: Record<string, string> = {};
  const servers = { sts: "", metadata: "" };
  const adapter: Adapter<AlibabaKmsOptions> = {
    ...alibabaKms,
    open: (options, host) => openAlibabaKmsProvider(options, host, environment, servers),
  };
  const fixture = await openStoreFixture(
    {
      adapter: adapter as unknown as Adapter<never>,
      double: () => new KmsDouble(),
      options: ({ double }) => ({ region: "eu-central-1", endpoint: double.url }),
    },
    members,
  );
  servers.sts = fixture.double.url;
  servers.metadata = fixture.double.url.replace("http://", "");
  environment.ALIBABA_CLOUD_OIDC_TOKEN_FILE = fixture.file("oidc", fixture.double.oidcToken);
  environment.ALIBABA_CLOUD_ROLE_ARN = `acs:ram::${accountId}:role/orders`;
  environment.ALIBABA_CLOUD_OIDC_PROVIDER_ARN = `acs:ram::${accountId}:oidc-provider/ack`;
  return { ...fixture, environment };
}
