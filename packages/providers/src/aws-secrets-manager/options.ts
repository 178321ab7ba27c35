import * as z from "zod/mini";
import { secretNames } from "../shared/cloud/aws-names.ts";
import { type AwsOptions, awsOptions } from "../shared/cloud/aws-options.ts";
import { optional, prefix } from "../shared/options.ts";

/** The options of an `aws-secrets-manager` provider after validation. */
export type AwsSecretsManagerOptions = AwsOptions;

/** What the config document may say about an `aws-secrets-manager` provider. */
export const awsSecretsManagerOptions: z.ZodMiniType<AwsSecretsManagerOptions> = z.strictObject({
  ...awsOptions("AWS_ENDPOINT_URL_SECRETS_MANAGER"),
  prefix: optional(
    'Prepended to each name: with `"prod"`, `db/primary` is the secret `prod/db/primary`. It may begin with `/`.',
    prefix(secretNames.isPrefix),
  ),
});
