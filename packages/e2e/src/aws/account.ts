import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { createSecrets, type Declarations, type Declared, type SecretsOptions, type StrictSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import type { AccessKey, Sts } from "../sts/sts.ts";

/** Amazon's own clients, as whoever sets secrets. */
export interface Administrator {
  readonly secrets: SecretsManagerClient;
  readonly parameters: SSMClient;
}

/** Makes the clients of an administrator, who may do everything. */
export async function createAdministrator({ url, region, ...sts }: Sts): Promise<Administrator> {
  const { key } = await sts.createUser("administrator");
  await allow({ url, region, ...sts }, "administrator", [{ Effect: "Allow", Action: "*", Resource: "*" }]);
  const credentials = { accessKeyId: key.AWS_ACCESS_KEY_ID, secretAccessKey: key.AWS_SECRET_ACCESS_KEY };
  const options = { region, endpoint: url, credentials };
  return { secrets: new SecretsManagerClient(options), parameters: new SSMClient(options) };
}

/** Gives a user a policy, in place of the one before. */
export async function allow(sts: Sts, user: string, statements: readonly object[]): Promise<void> {
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  await sts.iam({ Action: "PutUserPolicy", UserName: user, PolicyName: "secrets", PolicyDocument });
}

/** What a service says about its provider. */
export interface ServiceOptions<D extends Declarations> {
  readonly use: "aws-secrets-manager" | "aws-parameter-store";
  readonly declare: Declared<D>;
  /** Options of the provider, beside its address and region. */
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly clock?: SecretsOptions["clock"];
}

/** Makes a client as a service has it; the caller closes it. The keys are those of the environment. */
export function openService<D extends Declarations>(
  { url: endpoint, region }: Sts,
  { use, declare, provider, clock }: ServiceOptions<D>,
): StrictSecrets<D> {
  const config = {
    providers: { aws: { use, endpoint, region, pollInterval: "1s", ...provider } },
    routes: [{ match: "**", to: ["aws"] }],
  };
  return createSecrets({ adapters, declare, config, ...(clock !== undefined && { clock }) });
}

/** The variables by which a user's key reaches a process. */
export function variablesOf(key: AccessKey): Readonly<Record<string, string>> {
  return { ...key, AWS_EC2_METADATA_DISABLED: "true" };
}
