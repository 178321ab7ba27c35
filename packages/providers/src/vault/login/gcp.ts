import type { CredentialSource } from "@tacit/core/provider";
import type { Environment } from "../environment.ts";
import { askCloud } from "./cloud-identity.ts";
import { type Login, type LoginContext, requestLogin } from "./login.ts";
import { askMetadata } from "./metadata-server.ts";

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
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const jwt =
        options.type === "gce"
          ? await instanceIdentity(options, environment, context)
          : await serviceAccountJwt(options, signerUrl, context);
      context.host.protect(jwt, `${context.host.name}/Google JWT`);
      const values = { mount: options.mount };
      return requestLogin({ path: "auth/{+mount}/login", values, json: { role: options.role, jwt } }, context, refused);
    },
  };
}

async function serviceAccountJwt(
  { role, key, serviceAccount = "" }: Extract<GcpLoginOptions, { readonly type: "iam" }>,
  signerUrl: string,
  context: LoginContext,
): Promise<string> {
  const { keySignedJwt, googleSignedJwt } = await import("./gcp-signed-jwt.ts");
  if (key !== undefined) return keySignedJwt({ role, key }, context);
  return googleSignedJwt({ role, serviceAccount, signerUrl }, context);
}

/** @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity */
async function instanceIdentity(
  { role, serviceAccount }: Extract<GcpLoginOptions, { readonly type: "gce" }>,
  environment: Environment,
  context: LoginContext,
): Promise<string> {
  const host = environment.GCE_METADATA_HOST || "metadata.google.internal";
  const path = "/computeMetadata/v1/instance/service-accounts/{serviceAccount}/identity";
  const ask = async (): Promise<string> => {
    const answer = await askMetadata(
      { host, headers: { "metadata-flavor": "Google", accept: "*/*" } },
      { path, values: { serviceAccount }, query: { audience: `http://vault/${role}`, format: "full" } },
      context,
    );
    const jwt = answer.text().trim();
    // Another server under that name, such as a resolver's page for unknown hosts, does not say it.
    if (answer.header("metadata-flavor") !== "Google" || !isJwt(jwt)) throw new Error("no metadata server");
    return jwt;
  };
  return askCloud("identity token of Google", notGoogle, ask, context);
}

function isJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

const notGoogle =
  'Run on Google Compute Engine, GKE or Cloud Run with a service account, and leave its metadata server reachable; elsewhere use "type": "iam".';

const refused =
  "Look at the role's type, bound_service_accounts, bound_projects and max_jwt_exp, and whether Vault may look accounts and keys up at Google.";
