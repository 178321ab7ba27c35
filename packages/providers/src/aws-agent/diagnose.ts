import { type CallContext, type Finding, isSecretError, type Provider, type SecretError } from "@tacit/core/provider";
import { awsPathFindings } from "../shared/cloud/aws-findings.ts";
import { parameterResource, secretId, secretResource } from "../shared/cloud/aws-names.ts";
import { collectFindings } from "../shared/findings.ts";
import type { AwsAgentOptions } from "./options.ts";

/** What a diagnosis looks at. */
export interface Diagnosis {
  readonly options: AwsAgentOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: Provider["get"];
  /** path -> the failure of its last read */
  readonly failures: ReadonlyMap<string, SecretError | undefined>;
}

/** Where nothing is; asking for it shows whether the agent answers and knows the token. */
const nowhere = { path: "tacit-diagnose-no-such-name", version: "current" } as const;

/** Tells whether the agent answers, which paths failed, and the policy that its identity needs. */
export function diagnose(it: Diagnosis, context: CallContext): Promise<readonly Finding[]> {
  const { url, service } = it.options;
  const ask = async (): Promise<readonly Finding[]> => {
    try {
      await it.ask(nowhere, context);
    } catch (error) {
      // What its identity may read is AWS' to say, so a denial is a good answer.
      if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
    }
    return [{ level: "info", code: "agent", message: `the agent at ${url} answers for ${service}` }];
  };
  const denied = (): readonly Finding[] =>
    awsPathFindings(it.failures, (paths) => [{ Effect: "Allow", ...grantOf(it, paths) }]);
  return collectFindings([ask, denied], "agent", context);
}

/** In which account the agent reads is its own to know. */
function grantOf({ options, environment }: Diagnosis, paths: readonly string[]): object {
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "*";
  if (options.service === "parameters")
    return { Action: "ssm:GetParameter", Resource: paths.map((path) => parameterResource(path, region)) };
  const Resource = paths.map((path) => secretResource(secretId(path, options), region));
  return { Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], Resource };
}
