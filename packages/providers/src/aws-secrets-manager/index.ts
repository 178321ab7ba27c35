import type { Adapter } from "@tacit/core/provider";
import { awsCredentials, secretNames } from "../shared/cloud/aws-names.ts";
import type { AwsAuth } from "../shared/cloud/aws-options.ts";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import type { AwsSecretsManagerOptions } from "./options.ts";
import { openAwsSecretsManagerProvider } from "./provider.ts";

/** Reads AWS Secrets Manager, up to 20 secrets in one call: the current and the previous version, stages and ids. */
export const awsSecretsManager: Adapter<AwsSecretsManagerOptions> = {
  name: "aws-secrets-manager",
  options: async () => (await import("./options.ts")).awsSecretsManagerOptions,
  credentials: [...awsCredentials, ...tlsCredentials],
  toPath: (name, { prefix }) => secretNames.toPath(name, prefix),
  open: (options, host) => openAwsSecretsManagerProvider(options, host),
};

export type { AwsAuth, AwsSecretsManagerOptions };
