import type { CallContext, Finding } from "@tacit/core/provider";
import { type AwsDiagnosis, awsFindings } from "../shared/cloud/aws-findings.ts";
import type { AwsParameterStoreOptions } from "./options.ts";

/** What a diagnosis looks at. */
interface Diagnosis extends Omit<AwsDiagnosis, "statements"> {
  readonly options: AwsParameterStoreOptions;
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
