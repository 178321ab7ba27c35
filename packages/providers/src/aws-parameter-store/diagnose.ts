import type { CallContext, Finding, ProviderHost, SecretError } from "@tacit/core/provider";
import type { AwsClient } from "../shared/cloud/aws-client.ts";
import { awsFindings } from "../shared/cloud/aws-findings.ts";
import type { AwsParameterStoreOptions } from "./options.ts";

/** What a diagnosis looks at. */
interface Diagnosis {
  readonly client: AwsClient;
  readonly host: ProviderHost;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly options: AwsParameterStoreOptions;
  /** path -> the failure of its last read */
  readonly failures: ReadonlyMap<string, SecretError | undefined>;
  resourceOf(path: string, account?: string): string;
}

/** Tells as whom parameters are read, which of them failed, and the policy that they need. */
export async function diagnose(it: Diagnosis, context: CallContext): Promise<readonly Finding[]> {
  const isHierarchy = it.options.layout === "hierarchy";
  const Action = isHierarchy ? "ssm:GetParametersByPath" : ["ssm:GetParameter", "ssm:GetParameters"];
  const statements = (paths: readonly string[], account: string | undefined): readonly object[] => [
    { Effect: "Allow", Action, Resource: paths.map((path) => it.resourceOf(path, account)) },
  ];
  return awsFindings({ ...it, statements }, context);
}
