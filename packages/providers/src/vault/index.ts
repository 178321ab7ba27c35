import type { Adapter } from "@tacit/core/provider";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import { loginCredentials } from "../shared/vault/login-credentials.ts";
import { checkPath } from "../shared/vault/path.ts";
import type { VaultOptions } from "./options.ts";
import { openVaultProvider } from "./provider.ts";

/** Reads HashiCorp Vault and OpenBao: KV secrets with their versions, and secrets that other engines issue, lease or decrypt. */
export const vault: Adapter<VaultOptions> = {
  name: "vault",
  options: async () => (await import("./options.ts")).vaultOptions,
  credentials: [...loginCredentials, ...tlsCredentials, "wrapped.token"],
  toPath: (name, { prefix }) => checkPath(prefix === undefined ? name : `${prefix.replace(/\/+$/, "")}/${name}`),
  open: (options, host) => openVaultProvider(options, host),
};

export type { VaultOptions };
