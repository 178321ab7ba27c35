import * as z from "zod/mini";
import { credential, optional, required, text } from "../options.ts";
import type { AlibabaAuth } from "./alibaba-login.ts";

const arn = text.check(
  z.regex(/^acs:ram::\d+:[\w./-]+$/, 'must be an ARN, such as "acs:ram::123456789012:role/orders"'),
);

/** The schema of `auth` for Alibaba Cloud. */
export const alibabaAuth: z.ZodMiniType<AlibabaAuth> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("default") }),
  z.strictObject({
    method: z.literal("keys"),
    accessKeyId: required("The id of the access key.", credential),
    accessKeySecret: required("Its secret.", credential),
    securityToken: optional("The token of a temporary key.", credential),
  }),
  z.strictObject({
    method: z.literal("rrsa"),
    roleArn: optional("The role; by default `ALIBABA_CLOUD_ROLE_ARN`.", arn),
    providerArn: optional("The OIDC provider; by default `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`.", arn),
    tokenFile: optional("The file of the token; by default `ALIBABA_CLOUD_OIDC_TOKEN_FILE`.", text),
  }),
  z.strictObject({
    method: z.literal("ecs"),
    role: optional(
      "The role of the instance; by default the one that the metadata server reports.",
      text.check(z.regex(/^[\w.-]+$/, "must be the name of a role")),
    ),
  }),
]);

/** The description of `auth` in the docs and in editors. */
export const alibabaAuthHelp =
  'How to log in. `{ "method": "default" }` uses the role of the pod, else `ALIBABA_CLOUD_ACCESS_KEY_ID` and its companion variables, else the role of the instance. Other methods: `{ "method": "rrsa", "roleArn", "providerArn", "tokenFile" }`; `{ "method": "ecs", "role" }`; `{ "method": "keys", "accessKeyId", "accessKeySecret", "securityToken" }`.';
