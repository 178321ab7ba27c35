import type { CallContext, Finding, ProviderHost, SecretError } from "@tacit/core/provider";
import type { AwsClient } from "../shared/cloud/aws-client.ts";
import { awsFindings } from "../shared/cloud/aws-findings.ts";
import type { AwsSecretsManagerOptions } from "./options.ts";

/** What a diagnosis looks at. */
interface Diagnosis {
  readonly client: AwsClient;
  readonly host: ProviderHost;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly options: AwsSecretsManagerOptions;
  /** path -> the failure of its last read */
  readonly failures: ReadonlyMap<string, SecretError | undefined>;
  resourceOf(path: string, account?: string): string;
}

/** Tells as whom secrets are read, which of them failed, and the policy that they need. */
export async function diagnose(it: Diagnosis, context: CallContext): Promise<readonly Finding[]> {
  const statements = (paths: readonly string[], account: string | undefined): readonly object[] => [
    {
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: paths.map((path) => it.resourceOf(path, account)),
    },
    { Effect: "Allow", Action: "secretsmanager:BatchGetSecretValue", Resource: "*" },
  ];
  return awsFindings({ ...it, statements }, context);
}
