import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { azureProofShape, instanceAccount, stsRegion } from "../shared/cloud/proof-options.ts";
import { credential, optional, required, text, withDefault } from "../shared/options.ts";
import { serviceAccountToken } from "../shared/service-account.ts";
import { type HttpStoreOptions, httpStoreShape, pathPrefix, slug } from "../shared/store/options.ts";
import { passes } from "../shared/store/path.ts";
import { checkPath } from "./path.ts";

/** A way to log in to Conjur. */
export type ConjurAuth =
  | { readonly method: "environment" }
  | { readonly method: "api-key"; readonly login: string; readonly apiKey: CredentialSource }
  | {
      readonly method: "ldap";
      readonly service: string;
      readonly login: string;
      readonly password: CredentialSource;
    }
  | {
      readonly method: "jwt";
      readonly service: string;
      readonly hostId?: string | undefined;
      readonly token: CredentialSource;
    }
  | { readonly method: "oidc"; readonly service: string; readonly token: CredentialSource }
  | {
      readonly method: "aws-iam";
      readonly service: string;
      readonly hostId: string;
      readonly region?: string | undefined;
    }
  | {
      readonly method: "azure";
      readonly service: string;
      readonly hostId: string;
      readonly resource: string;
      readonly identity: "managed" | "workload";
      readonly clientId?: string | undefined;
    }
  | { readonly method: "gcp"; readonly hostId: string; readonly serviceAccount: string }
  | { readonly method: "certificate"; readonly service: string; readonly hostId?: string | undefined }
  | {
      readonly method: "kubernetes";
      readonly service: string;
      readonly login: string;
      readonly podName?: string | undefined;
      readonly podNamespace?: string | undefined;
      readonly certificateFile: string;
    }
  | { readonly method: "access-token"; readonly token: CredentialSource };

/** The options of a `conjur` provider after validation. */
export interface ConjurOptions extends HttpStoreOptions {
  /** Default: CONJUR_APPLIANCE_URL. */
  readonly url?: string | undefined;
  /** Default: CONJUR_ACCOUNT. */
  readonly account?: string | undefined;
  /** Prepended to each name, joined by `/`. */
  readonly policy?: string | undefined;
  readonly auth: ConjurAuth;
}

const id = z
  .string()
  .check(
    z.refine(
      (written) => passes(checkPath, written),
      'must be an id, such as "host/orders", without "..", backslashes and percent signs',
    ),
  );
const segment = z.string().check(z.regex(/^(?!\.{1,2}$)[\w.@-]+$/, "must be letters, digits, _ . @ and -"));
const ofHost = id.check(z.refine((login) => login.startsWith("host/"), 'must begin with "host/"'));
const service = required("The id of the authenticator's service.", slug);
const login = required("The login: a user, or `host/` and the id of a host.", id);
const hostId = required("The id of the host.", id);
const token = withDefault("The JWT.", serviceAccountToken, credential);

const auth: z.ZodMiniType<ConjurAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("environment") }),
  z.strictObject({ method: z.literal("api-key"), login, apiKey: required("The API key.", credential) }),
  z.strictObject({ method: z.literal("ldap"), service, login, password: required("The password.", credential) }),
  z.strictObject({
    method: z.literal("jwt"),
    service,
    hostId: optional("The host, if the token does not identify it.", id),
    token,
  }),
  z.strictObject({ method: z.literal("oidc"), service, token: required("The token from the issuer.", credential) }),
  z.strictObject({
    method: z.literal("aws-iam"),
    service,
    hostId,
    region: optional("The region of the STS to use.", stsRegion),
  }),
  z.strictObject({ method: z.literal("azure"), service, hostId, ...azureProofShape }),
  z.strictObject({ method: z.literal("gcp"), hostId, serviceAccount: instanceAccount }),
  z.strictObject({
    method: z.literal("kubernetes"),
    service,
    login: required("`host/` and the id of the host.", ofHost),
    podName: optional("The name of the pod; by default `MY_POD_NAME`, else `HOSTNAME`.", segment),
    podNamespace: optional("Its namespace; by default `MY_POD_NAMESPACE`.", segment),
    certificateFile: withDefault("Where Conjur writes the certificate.", "/etc/conjur/ssl/client.pem", text),
  }),
  z.strictObject({
    method: z.literal("certificate"),
    service,
    hostId: optional("The host, if the certificate does not identify it.", id),
  }),
  z.strictObject({
    method: z.literal("access-token"),
    token: withDefault("The token.", { $file: "/run/conjur/access-token" }, credential),
  }),
]);

/** What the config document may say about a `conjur` provider. */
export const conjurOptions: z.ZodMiniType<ConjurOptions> = z.strictObject({
  url: optional("The URL of Conjur, such as `https://conjur.example`; by default `CONJUR_APPLIANCE_URL`.", text),
  account: optional("The organisation account; by default `CONJUR_ACCOUNT`.", segment),
  policy: optional(
    'The policy branch, prepended to each name: with `"prod/orders"`, `db/password` is the variable `prod/orders/db/password`.',
    pathPrefix(checkPath),
  ),
  auth: withDefault(
    'How to log in, `{ "method": … }`: `environment` (the default, with the variables of Conjur\'s own client), `api-key` (`login`, `apiKey`), `jwt` (`service`, `hostId`, `token`), `kubernetes` (`service`, `login`), `aws-iam` or `azure` (`service`, `hostId`), `gcp` (`hostId`), `certificate` (`service`, `hostId`, with `tls.certificate`), `oidc` (`service`, `token`), `ldap` (`service`, `login`, `password`) or `access-token` (`token`).',
    { method: "environment" },
    auth,
  ),
  ...httpStoreShape,
});
