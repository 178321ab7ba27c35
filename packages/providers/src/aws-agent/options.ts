import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { secretNames } from "../shared/cloud/aws-names.ts";
import { credential, optional, prefix, text, withDefault } from "../shared/options.ts";

/** The options of an `aws-agent` provider after validation. */
export interface AwsAgentOptions {
  /** Scheme, host and port of the agent. */
  readonly url: string;
  readonly service: "secretsmanager" | "parameters";
  /** Default: AWS_TOKEN, else AWS_SESSION_TOKEN, else AWS_CONTAINER_AUTHORIZATION_TOKEN. */
  readonly token?: CredentialSource | undefined;
  /** Prepended to each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** The name of this program in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
}

/** What the config document may say about an `aws-agent` provider. */
export const awsAgentOptions: z.ZodMiniType<AwsAgentOptions> = z.strictObject({
  url: withDefault("The URL of the agent.", "http://localhost:2773", text),
  service: withDefault(
    "`secretsmanager` is served by the agents and by the Lambda extension, `parameters` by the extension only.",
    "secretsmanager",
    z.enum(["secretsmanager", "parameters"]),
  ),
  token: optional(
    "The token that the agent requires, read again for each call; by default `AWS_TOKEN` (the token itself, or `file://` and a path), else `AWS_SESSION_TOKEN`, else `AWS_CONTAINER_AUTHORIZATION_TOKEN`.",
    credential,
  ),
  prefix: optional(
    'Prepended to each name: with `"prod"`, `db/primary` is `prod/db/primary`. It may begin with `/`.',
    prefix(secretNames.isPrefix),
  ),
  application: optional("The name of this program in the user agent, after `tacit/<version>`.", text),
});
