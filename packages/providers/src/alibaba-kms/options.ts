import * as z from "zod/mini";
import type { AlibabaAuth } from "../shared/cloud/alibaba-login.ts";
import { alibabaAuth, alibabaAuthHelp } from "../shared/cloud/alibaba-options.ts";
import { optional, prefix, text, withDefault } from "../shared/options.ts";
import { type HttpStoreOptions, httpStoreShape } from "../shared/store/options.ts";
import { isSecretName } from "./path.ts";

/** The options of an `alibaba-kms` provider after validation. */
export interface AlibabaKmsOptions extends HttpStoreOptions {
  /** Default: ALIBABA_CLOUD_REGION_ID. */
  readonly region?: string | undefined;
  /** The id of a KMS instance, whose gateway is asked. Default: the shared gateway. */
  readonly instance?: string | undefined;
  /** Prepended to each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** Default: that of the region, or of the instance. */
  readonly endpoint?: string | undefined;
  readonly auth: AlibabaAuth;
}

const label = /^[a-z0-9-]{1,63}$/;

/** What the config document may say about an `alibaba-kms` provider. */
export const alibabaKmsOptions: z.ZodMiniType<AlibabaKmsOptions> = z.strictObject({
  region: optional(
    "The region of the secrets, such as `eu-central-1`; by default `ALIBABA_CLOUD_REGION_ID`.",
    text.check(z.regex(label, 'must be a region, such as "eu-central-1"')),
  ),
  instance: optional(
    "The id of a KMS instance, such as `kst-hzz65f176a0ogplgq`, to use its own gateway; its authority belongs in `tls.ca`.",
    text.check(z.regex(label, "must be the id of an instance")),
  ),
  prefix: optional(
    'Prepended to each name: with `"prod"`, `db/primary` is the secret `prod/db/primary`.',
    prefix((path) => isSecretName(path.replace(/\/+$/, ""))),
  ),
  endpoint: optional(
    "The URL of the gateway, such as `https://kms-vpc.eu-central-1.aliyuncs.com` within a VPC; by default that of `region` or `instance`.",
    text,
  ),
  auth: withDefault(alibabaAuthHelp, { method: "default" }, alibabaAuth),
  ...httpStoreShape,
});
