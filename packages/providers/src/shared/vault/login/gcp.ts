import type { CredentialSource } from "@tacit/core/provider";
import type { Environment } from "../environment.ts";
import { type Login, type LoginContext, requestLogin } from "./login.ts";

/** `auth` with `method: "gcp"` after validation. */
export type GcpLoginOptions = {
  readonly method: "gcp";
  readonly mount: string;
  readonly role: string;
} & (
  | {
      readonly type: "gce";
      /** An account of the instance. */
      readonly serviceAccount: string;
    }
  | {
      readonly type: "iam";
      /** The account to log in as; Google signs for it. */
      readonly serviceAccount?: string | undefined;
      /** A service account key file, in place of Google's signature. */
      readonly key?: CredentialSource | undefined;
    }
);

/**
 * Logs in with a JWT that Google signed, or a key of Google's: for `gce` the identity of the instance, for `iam` that of a
 * service account.
 * @param signerUrl where Google signs for service accounts
 * @see https://developer.hashicorp.com/vault/api-docs/auth/gcp#login
 */
export function createGcpLogin(
  options: GcpLoginOptions,
  environment: Environment,
  signerUrl = "https://iamcredentials.googleapis.com",
): Login {
  const createJwt =
    options.type === "gce" ? instanceJwt(options, environment) : serviceAccountJwt(options, environment, signerUrl);
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const jwt = await createJwt(context);
      context.host.protect(jwt, `${context.host.name}/Google JWT`);
      const values = { mount: options.mount };
      return requestLogin({ path: "auth/{+mount}/login", values, json: { role: options.role, jwt } }, context, refused);
    },
  };
}

type CreateJwt = (context: LoginContext) => Promise<string>;

function instanceJwt(
  { role, serviceAccount }: Extract<GcpLoginOptions, { readonly type: "gce" }>,
  { GCE_METADATA_HOST: host }: Environment,
): CreateJwt {
  const metadataServer = host || "metadata.google.internal";
  return async (context) => {
    const { instanceIdentity } = await import("../../cloud/google-metadata.ts");
    return instanceIdentity({ metadataServer, serviceAccount, audience: `http://vault/${role}` }, context);
  };
}

function serviceAccountJwt(
  { role, key, serviceAccount = "" }: Extract<GcpLoginOptions, { readonly type: "iam" }>,
  environment: Environment,
  signerUrl: string,
): CreateJwt {
  const claimsOf = (sub: string): { sub: string; aud: string } => ({ sub, aud: `vault/${role}` });
  let google: Promise<CreateJwt> | undefined;
  const load = async (): Promise<CreateJwt> => {
    const [{ googleSignedJwt, keySignedJwt }, { GoogleLogin }] = await Promise.all([
      import("../../cloud/google-jwt.ts"),
      import("../../cloud/google-login.ts"),
    ]);
    if (key !== undefined) return ({ host }) => keySignedJwt(key, claimsOf, host);
    const login = new GoogleLogin({ method: "application-default" }, environment);
    return (context) => googleSignedJwt(claimsOf(serviceAccount), { login, signerUrl }, context);
  };
  return async (context) => {
    google ??= load();
    return (await google)(context);
  };
}

const refused =
  "Look at the role's type, bound_service_accounts, bound_projects and max_jwt_exp, and whether Vault may look accounts and keys up at Google.";
