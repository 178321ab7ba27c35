import type { Adapter } from "@tacit/core/provider";
import type { AlibabaAuth } from "../shared/cloud/alibaba-login.ts";
import { tlsCredentials } from "../shared/http/tls-options.ts";
import type { AlibabaKmsOptions } from "./options.ts";
import { toSecretPath } from "./path.ts";
import { openAlibabaKmsProvider } from "./provider.ts";

/** Reads secrets of Alibaba Cloud KMS, through its shared gateway or that of an instance: current, previous, and by version. */
export const alibabaKms: Adapter<AlibabaKmsOptions> = {
  name: "alibaba-kms",
  options: async () => (await import("./options.ts")).alibabaKmsOptions,
  credentials: ["auth.accessKeyId", "auth.accessKeySecret", "auth.securityToken", ...tlsCredentials],
  toPath: (name, { prefix }) => toSecretPath(name, prefix),
  open: (options, host) => openAlibabaKmsProvider(options, host),
};

export type { AlibabaAuth, AlibabaKmsOptions };
