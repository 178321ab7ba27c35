import type { Adapter } from "@tacit/core/provider";
import { keyCredentials } from "../shared/keys/key-credentials.ts";
import type {
  AgeKeyOptions,
  AwsKmsKeyOptions,
  AzureKeyOptions,
  GcpKmsKeyOptions,
  PgpKeyOptions,
  SopsKeyOptions,
  VaultTransitKeyOptions,
} from "../shared/keys/options.ts";
import type { SopsOptions } from "./options.ts";
import { openSopsProvider } from "./provider.ts";

/** Reads files that SOPS has encrypted: YAML, JSON, dotenv and INI as fields, binary ones as a value, verified whole. */
export const sops: Adapter<SopsOptions> = {
  name: "sops",
  options: async () => (await import("./options.ts")).sopsOptions,
  credentials: keyCredentials,
  toPath: (name) => name,
  open: (options, host) => openSopsProvider(options, host),
};

export type {
  AgeKeyOptions,
  AwsKmsKeyOptions,
  AzureKeyOptions,
  GcpKmsKeyOptions,
  PgpKeyOptions,
  SopsKeyOptions,
  SopsOptions,
  VaultTransitKeyOptions,
};
