import type { Adapter } from "@tacit/core/provider";
import type { GoogleAuth } from "../shared/cloud/google-login.ts";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import type { GcpSecretManagerOptions } from "./options.ts";
import { secretNames } from "./path.ts";
import { openGcpSecretManagerProvider } from "./provider.ts";

/** Reads Google Cloud Secret Manager, global or of one region: the latest version, one by number or alias, and the previous one. */
export const gcpSecretManager: Adapter<GcpSecretManagerOptions> = {
  name: "gcp-secret-manager",
  options: async () => (await import("./options.ts")).gcpSecretManagerOptions,
  credentials: ["auth.credentials", ...tlsCredentials],
  toPath: (name, { prefix }) => secretNames.toPath(name, prefix),
  open: (options, host) => openGcpSecretManagerProvider(options, host),
};

export type { GcpSecretManagerOptions, GoogleAuth };
