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

/** Reads files encrypted with SOPS: YAML, JSON, dotenv and INI as fields, binary files as a value, each verified as a whole. */
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
