import type { CredentialSource } from "@tacit/core/provider";
import { byServerClock } from "../../store/by-server-clock.ts";
import type { VaultAuth } from "../answer.ts";
import type { Environment } from "../environment.ts";
import { type Login, type LoginContext, requestLogin } from "./login.ts";

/** The option `auth` with `method: "gcp"` after validation. */
export type GcpLoginOptions = {
  readonly method: "gcp";
  readonly mount: string;
  readonly role: string;
} & (
  | {
      readonly type: "gce";
      /** A service account of the instance. */
      readonly serviceAccount: string;
    }
  | {
      readonly type: "iam";
      /** The service account, for which Google signs. */
      readonly serviceAccount?: string | undefined;
      /** A service account key file, instead of a signature by Google. */
      readonly key?: CredentialSource | undefined;
    }
);

/**
 * Creates a login with a JWT signed by Google or with a key file: for `gce` the identity of the instance, for `iam` that of a
 * service account.
 * @param signerUrl the address of the IAM Credentials API
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
      const { api, host } = context;
      const logIn = async (): Promise<VaultAuth> => {
        const json = { role: options.role, jwt: await proofOf(options, { environment, signerUrl }, context) };
        const values = { mount: options.mount };
        return requestLogin({ path: "auth/{+mount}/login", values, json }, context, refused);
      };
      // The metadata server sets the times in the JWT of an instance.
      if (options.type === "gce") return logIn();
      return byServerClock(logIn, { serverNow: () => api.serverNow(), host }, context);
    },
  };
}

async function proofOf(
  options: GcpLoginOptions,
  { environment, signerUrl }: { readonly environment: Environment; readonly signerUrl: string },
  context: LoginContext,
): Promise<string> {
  const { role, serviceAccount = "" } = options;
  const { googleProof } = await import("../../cloud/proofs.ts");
  if (options.type === "gce")
    return googleProof({ type: "instance", serviceAccount, audience: `http://vault/${role}` }, environment, context);
  const audience = `vault/${role}`;
  const at = context.api.serverNow();
  if (options.key === undefined)
    return googleProof({ type: "iam", serviceAccount, audience, signerUrl, at }, environment, context);
  const { keySignedJwt } = await import("../../cloud/google-jwt.ts");
  const jwt = await keySignedJwt(options.key, (sub) => ({ sub, aud: audience, at }), context.host);
  context.host.protect(jwt, `${context.host.name}/Google JWT`);
  return jwt;
}

const refused =
  "Check the role's type, bound_service_accounts, bound_projects and max_jwt_exp, and whether Vault may look up accounts and keys at Google.";
