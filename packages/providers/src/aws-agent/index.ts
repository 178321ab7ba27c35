import type { Adapter } from "@tacit/core/provider";
import { parameterNames, secretNames } from "../shared/cloud/aws-names.ts";
import type { AwsAgentOptions } from "./options.ts";
import { openAwsAgentProvider } from "./provider.ts";

/** Reads AWS Secrets Manager or Parameter Store through an agent on this machine, or through the extension of AWS Lambda. */
export const awsAgent: Adapter<AwsAgentOptions> = {
  name: "aws-agent",
  options: async () => (await import("./options.ts")).awsAgentOptions,
  credentials: ["token"],
  toPath: (name, { prefix, service }) => (service === "parameters" ? parameterNames : secretNames).toPath(name, prefix),
  open: (options, host) => openAwsAgentProvider(options, host),
};

export type { AwsAgentOptions };
