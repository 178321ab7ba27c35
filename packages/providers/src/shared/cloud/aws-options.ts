import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, proxy, required, type TlsOptions, text, tls, withDefault } from "../options.ts";
import type { AwsRole } from "./aws.ts";
import { isRegion } from "./aws-endpoint.ts";

/** The option `auth` of a store of AWS after validation. */
export type AwsAuth =
  | { readonly method: "default"; readonly profile?: string | undefined }
  | ({ readonly method: "role"; readonly profile?: string | undefined } & AwsRole)
  | {
      readonly method: "keys";
      readonly accessKeyId: string;
      readonly secretAccessKey: CredentialSource;
      readonly sessionToken?: CredentialSource | undefined;
    };

/** The options of all stores of AWS after validation. */
export interface AwsOptions {
  /** Default: AWS_REGION or AWS_DEFAULT_REGION. */
  readonly region?: string | undefined;
  /** Prepended to each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** Default: the AWS_ENDPOINT_URL variables, else the address of the region. */
  readonly endpoint?: string | undefined;
  readonly fips: boolean;
  readonly dualStack: boolean;
  readonly auth: AwsAuth;
  /** The name of this program in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
  readonly tls: TlsOptions;
  /** `environment`, or the URL of a proxy. Default: none. */
  readonly proxy?: string | undefined;
  /** Allows http for an `endpoint` on another machine. */
  readonly allowInsecureHttp: boolean;
}

const profile = optional("A profile of the shared config files; by default `AWS_PROFILE`.", text);

const auth: z.ZodMiniType<AwsAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("default"), profile }),
  z.strictObject({
    method: z.literal("role"),
    arn: required(
      "The role to assume with the credentials that were found.",
      z.string().check(z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "must be the ARN of a role")),
    ),
    externalId: optional("The external id that the trust policy of the role requires.", text),
    sessionName: optional(
      "The session name in CloudTrail; by default `tacit`.",
      z.string().check(z.regex(/^[\w+=,.@-]{2,64}$/, "must be 2 to 64 letters, digits or one of + = , . @ -")),
    ),
    profile,
  }),
  z.strictObject({
    method: z.literal("keys"),
    accessKeyId: required(
      "The id of the key, which is not secret.",
      z.string().check(z.regex(/^\w{16,128}$/, "must be the id of an access key")),
    ),
    secretAccessKey: required("Its secret. Read again at each login.", credential),
    sessionToken: optional("The token of temporary keys. Read again at each login.", credential),
  }),
]);

/** Returns the schemas of these options except `prefix`, for the option schema of an adapter. @param variable the variable of the AWS SDKs with the endpoint */
export function awsOptions(variable: string) {
  return {
    region: optional(
      "The region, such as `eu-central-1`; by default `AWS_REGION` or `AWS_DEFAULT_REGION`.",
      z.string().check(z.refine(isRegion, 'must be the name of a region, such as "eu-central-1"')),
    ),
    endpoint: optional(
      `The URL of a VPC endpoint or an emulator; by default \`${variable}\` or \`AWS_ENDPOINT_URL\`, else that of the region.`,
      text,
    ),
    fips: withDefault("Whether to use the FIPS endpoint of the region.", false, z.boolean()),
    dualStack: withDefault("Whether to use the endpoint that also answers over IPv6.", false, z.boolean()),
    auth: withDefault(
      "How to log in; by default with the credentials that the AWS SDKs find: variables, profiles, IRSA, ECS, EKS Pod Identity, the instance.",
      { method: "default" },
      auth,
    ),
    application: optional("The name of this program in the user agent, after `tacit/<version>`.", text),
    tls: tls("The authorities to trust, and the client certificate. Files are read again when they change."),
    proxy: optional(
      '`"environment"` follows `HTTPS_PROXY` and `NO_PROXY` (which may list networks such as `10.0.0.0/8`), except for this machine. Otherwise the URL of a proxy; by default none.',
      proxy,
    ),
    allowInsecureHttp: withDefault("Allows `endpoint` to name an http server on another machine.", false, z.boolean()),
  };
}
