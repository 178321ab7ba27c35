import type { Adapter } from "@tacit/core/provider";
import { keyCredentials } from "../shared/keys/key-credentials.ts";
import type { SealedSecretsKeyOptions } from "../shared/keys/options.ts";
import type { SealedSecretsOptions } from "./options.ts";
import { openSealedSecretsProvider } from "./provider.ts";

/** Reads SealedSecret manifests with the private keys of their controller: for development, tests and recovery, outside of the cluster. */
export const sealedSecrets: Adapter<SealedSecretsOptions> = {
  name: "sealed-secrets",
  options: async () => (await import("./options.ts")).sealedSecretsOptions,
  credentials: keyCredentials,
  toPath: (name) => name,
  open: (options, host) => openSealedSecretsProvider(options, host),
};

export type { SealedSecretsKeyOptions, SealedSecretsOptions };
