import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { azureProofShape, googleProofShape, namedAccount, stsRegion } from "../shared/cloud/proof-options.ts";
import { credential, optional, required, text, withDefault } from "../shared/options.ts";
import { serviceAccountToken } from "../shared/service-account.ts";
import { certificateGiven, type HttpStoreOptions, httpStoreShape, pathPrefix, slug } from "../shared/store/options.ts";
import { checkFolder } from "./secret-path.ts";

/** A way for a machine identity to log in. */
export type InfisicalAuth =
  | { readonly method: "universal"; readonly clientId: CredentialSource; readonly clientSecret: CredentialSource }
  | { readonly method: "kubernetes" | "oidc" | "jwt"; readonly identityId: string; readonly token: CredentialSource }
  | { readonly method: "aws-iam"; readonly identityId: string; readonly region?: string | undefined }
  | {
      readonly method: "azure";
      readonly identityId: string;
      readonly resource: string;
      readonly identity: "managed" | "workload";
      readonly clientId?: string | undefined;
    }
  | {
      readonly method: "gcp";
      readonly identityId: string;
      readonly type: "instance" | "iam";
      readonly serviceAccount: string;
    }
  | {
      readonly method: "ldap";
      readonly identityId: string;
      readonly username: string;
      readonly password: CredentialSource;
    }
  | { readonly method: "certificate"; readonly identityId: string }
  | { readonly method: "token"; readonly token: CredentialSource };

/** The options of an `infisical` provider after validation. */
export interface InfisicalOptions extends HttpStoreOptions {
  readonly url: string;
  /** The id of the project. */
  readonly project: string;
  /** The slug of the environment. */
  readonly environment: string;
  /** Prepended to each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** The slug of the project, which dynamic secrets require. Absent: there are none. */
  readonly projectSlug?: string | undefined;
  readonly auth: InfisicalAuth;
}

const identityId = required("The id of the machine identity.", text);
const jwt = { identityId, token: required("The token from the issuer.", credential) };

const auth: z.ZodMiniType<InfisicalAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("universal"),
    clientId: required("The client id.", credential),
    clientSecret: required("The client secret.", credential),
  }),
  z.strictObject({
    method: z.literal("kubernetes"),
    identityId,
    token: withDefault("The token.", serviceAccountToken, credential),
  }),
  z.strictObject({ method: z.literal("oidc"), ...jwt }),
  z.strictObject({ method: z.literal("jwt"), ...jwt }),
  z.strictObject({
    method: z.literal("aws-iam"),
    identityId,
    region: optional("The region of the STS to use.", stsRegion),
  }),
  z.strictObject({ method: z.literal("azure"), identityId, ...azureProofShape }),
  z.strictObject({ method: z.literal("gcp"), identityId, ...googleProofShape }).check(namedAccount),
  z.strictObject({
    method: z.literal("ldap"),
    identityId,
    username: required("The user name.", text),
    password: required("The password.", credential),
  }),
  z.strictObject({ method: z.literal("certificate"), identityId }),
  z.strictObject({ method: z.literal("token"), token: required("The access token.", credential) }),
]);

const schema = z.strictObject({
  url: withDefault("The URL of the instance.", "https://app.infisical.com", text),
  project: required("The id of the project.", slug),
  environment: required("The slug of the environment, such as `prod`.", slug),
  prefix: optional(
    'The folder, prepended to each name: with `"orders"`, `DB_PASSWORD` is read in `/orders`.',
    pathPrefix(checkFolder),
  ),
  projectSlug: optional("The slug of the project; required for dynamic secrets (`dynamic/<name>`).", slug),
  auth: required(
    'How the machine identity logs in, `{ "method": … }`: `kubernetes` (`identityId`), `oidc` or `jwt` (`identityId`, `token`), `aws-iam`, `azure`, `gcp` or `certificate` (`identityId`), `ldap` (`identityId`, `username`, `password`), `universal` (`clientId`, `clientSecret`), or `token` with an access token.',
    auth,
  ),
  ...httpStoreShape,
});

/** What the config document may say about an `infisical` provider. */
export const infisicalOptions: z.ZodMiniType<InfisicalOptions> = schema.check(certificateGiven);
