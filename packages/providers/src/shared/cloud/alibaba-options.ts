import * as z from "zod/mini";
import { credential, text } from "../options.ts";
import type { AlibabaAuth } from "./alibaba-login.ts";

const arn = text.check(
  z.regex(/^acs:ram::\d+:[\w./-]+$/, 'must be an ARN, such as "acs:ram::123456789012:role/orders"'),
);

/** `auth` of a provider at Alibaba Cloud. */
export const alibabaAuth: z.ZodMiniType<AlibabaAuth> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("default") }),
  z.strictObject({
    method: z.literal("keys"),
    accessKeyId: credential,
    accessKeySecret: credential,
    securityToken: z.optional(credential),
  }),
  z.strictObject({
    method: z.literal("rrsa"),
    roleArn: z.optional(arn),
    providerArn: z.optional(arn),
    tokenFile: z.optional(text),
  }),
  z.strictObject({
    method: z.literal("ecs"),
    role: z.optional(text.check(z.regex(/^[\w.-]+$/, "must be the name of a role"))),
  }),
]);

/** What the page and editors say of `auth`. */
export const alibabaAuthHelp =
  'Who this process is: `{ "method": "default" }` the role of the pod, else `ALIBABA_CLOUD_ACCESS_KEY_ID` and the variables beside it, else the role of the instance; `{ "method": "rrsa", "roleArn", "providerArn", "tokenFile" }`; `{ "method": "ecs", "role" }`; `{ "method": "keys", "accessKeyId", "accessKeySecret", "securityToken" }`.';
