import type { Adapter } from "@tacit/core/provider";
import type { AzureAuth } from "../shared/cloud/azure-login.ts";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import type { AzureKeyVaultOptions } from "./options.ts";
import { secretNames } from "./path.ts";
import { openAzureKeyVaultProvider } from "./provider.ts";

/** Reads secrets and certificates of Azure Key Vault: the current version, one by its id, and the previous one. */
export const azureKeyVault: Adapter<AzureKeyVaultOptions> = {
  name: "azure-key-vault",
  options: async () => (await import("./options.ts")).azureKeyVaultOptions,
  credentials: ["auth.secret", "auth.certificate", ...tlsCredentials],
  toPath: (name, { prefix }) => secretNames.toPath(name, prefix),
  open: (options, host) => openAzureKeyVaultProvider(options, host),
};

export type { AzureAuth, AzureKeyVaultOptions };
