import type { Adapter } from "@tacit/core/provider";
import { awsCredentials, parameterNames } from "../shared/cloud/aws-names.ts";
import type { AwsAuth } from "../shared/cloud/aws-options.ts";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import type { AwsParameterStoreOptions } from "./options.ts";
import { openAwsParameterStoreProvider } from "./provider.ts";

/** Reads parameters of AWS Systems Manager, up to 10 in one call, decrypted; or a hierarchy of them as fields. */
export const awsParameterStore: Adapter<AwsParameterStoreOptions> = {
  name: "aws-parameter-store",
  options: async () => (await import("./options.ts")).awsParameterStoreOptions,
  credentials: [...awsCredentials, ...tlsCredentials],
  toPath: (name, { prefix }) => parameterNames.toPath(name, prefix),
  open: (options, host) => openAwsParameterStoreProvider(options, host),
};

export type { AwsAuth, AwsParameterStoreOptions };
