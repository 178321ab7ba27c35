import type { Adapter } from "@tacit/core/provider";
import { keyCredentials } from "../shared/keys/key-credentials.ts";
import type { AwsKmsKeyOptions, GcpKmsKeyOptions, PgpKeyOptions } from "../shared/keys/options.ts";
import type { KubesecKeyOptions, KubesecOptions } from "./options.ts";
import { openKubesecProvider } from "./provider.ts";

/** Reads Secret manifests encrypted with shyiko/kubesec, with PGP, AWS KMS or Google Cloud KMS. */
export const kubesec: Adapter<KubesecOptions> = {
  name: "kubesec",
  options: async () => (await import("./options.ts")).kubesecOptions,
  credentials: keyCredentials,
  toPath: (name) => name,
  open: (options, host) => openKubesecProvider(options, host),
};

export type { AwsKmsKeyOptions, GcpKmsKeyOptions, KubesecKeyOptions, KubesecOptions, PgpKeyOptions };
