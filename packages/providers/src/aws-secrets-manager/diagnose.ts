import type { CallContext, Finding } from "@tacit/core/provider";
import { type AwsDiagnosis, awsFindings } from "../shared/cloud/aws-findings.ts";

/** What a diagnosis looks at. */
interface Diagnosis extends Omit<AwsDiagnosis, "statements"> {
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
