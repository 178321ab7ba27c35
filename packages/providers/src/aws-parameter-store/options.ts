import * as z from "zod/mini";
import { parameterNames } from "../shared/cloud/aws-names.ts";
import { type AwsOptions, awsOptions } from "../shared/cloud/aws-options.ts";
import { optional, prefix, withDefault } from "../shared/options.ts";

/** The options of an `aws-parameter-store` provider after validation. */
export interface AwsParameterStoreOptions extends AwsOptions {
  /** Whether a path is one parameter, or the parameters below it are the fields of one secret. */
  readonly layout: "value" | "hierarchy";
}

/** What the config document may say about an `aws-parameter-store` provider. */
export const awsParameterStoreOptions: z.ZodMiniType<AwsParameterStoreOptions> = z.strictObject({
  ...awsOptions("AWS_ENDPOINT_URL_SSM"),
  prefix: optional(
    'Prepended to each name: with `"/prod"`, `db/primary` is the parameter `/prod/db/primary`.',
    prefix(parameterNames.isPrefix),
  ),
  layout: withDefault(
    "`value`: a name is one parameter. `hierarchy`: a name is a path, and the parameters below it are the fields of one secret.",
    "value",
    z.enum(["value", "hierarchy"]),
  ),
});
