import { createSign } from "node:crypto";
import { type CredentialSource, type ProviderHost, SecretError } from "@tacit/core/provider";
import { credentialText } from "../credential-text.ts";
import { createHttpClient } from "../http/create-client.ts";
import { askCloud } from "./ask-cloud.ts";
import type { GoogleContext, GoogleLogin } from "./google-login.ts";

/** The claims of a JWT, without `iat` and `exp`. */
export interface JwtClaims {
  readonly sub: string;
  readonly aud: string;
  /** The time of issue, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Requests a JWT for a service account, which Google signs with a key of its own.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`; errors of `GoogleLogin.token`
 * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
 */
export async function googleSignedJwt(
  claims: JwtClaims,
  { login, signerUrl: url }: { readonly login: GoogleLogin; readonly signerUrl: string },
  context: GoogleContext,
): Promise<string> {
  const { host, signal } = context;
  const { token } = await login.token(context);
  const ask = async (): Promise<string> => {
    // Google's library also uses the proxy of the environment.
    const client = createHttpClient({ url, proxy: "environment" }, host);
    try {
      const answer = await client.request(
        {
          method: "POST",
          path: "/v1/projects/-/serviceAccounts/{serviceAccount}:signJwt",
          values: { serviceAccount: claims.sub },
          headers: { authorization: `Bearer ${token}` },
          json: { payload: JSON.stringify(timed(claims)) },
        },
        { signal },
      );
      const { signedJwt } = (answer.json() ?? {}) as { readonly signedJwt?: unknown };
      if (typeof signedJwt !== "string" || signedJwt === "") throw new Error("no JWT");
      return signedJwt;
    } finally {
      await client.close();
    }
  };
  return askCloud("JWT for the service account", notSigned, ask, context);
}

/**
 * Signs a JWT with the key file of a service account, without a request.
 * @param claimsOf returns the claims for the account of the key
 * @throws {SecretError} UNAUTHENTICATED `credential-malformed`; errors of reading the key
 * @see https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth
 */
export async function keySignedJwt(
  source: CredentialSource,
  claimsOf: (serviceAccount: string) => JwtClaims,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): Promise<string> {
  const key = keyOf(await credentialText(source, "service account key", host));
  host.protect(key.private_key, `${host.name}/private key`);
  const header = { alg: "RS256", typ: "JWT", kid: key.private_key_id };
  const signed = [header, timed(claimsOf(key.client_email))].map(encoded).join(".");
  try {
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key.private_key, "base64url")}`;
  } catch {
    throw badKey();
  }
}

/** Below the 15 minutes that Vault allows by default; the JWT is used immediately. */
const lifetimeSeconds = 300;

function timed({ at, ...claims }: JwtClaims): object {
  const now = Math.floor(at / 1000);
  return { ...claims, iat: now, exp: now + lifetimeSeconds };
}

interface ServiceAccountKey {
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id: string;
}

function keyOf(text: string): ServiceAccountKey {
  let key: Partial<Record<keyof ServiceAccountKey, unknown>> | null;
  try {
    key = JSON.parse(text) as typeof key;
  } catch {
    throw badKey();
  }
  const { client_email, private_key, private_key_id } = key ?? {};
  if (typeof client_email !== "string" || typeof private_key !== "string" || typeof private_key_id !== "string")
    throw badKey();
  return { client_email, private_key, private_key_id };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function badKey(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the key of the service account is not a Google key file", {
    reason: "credential-malformed",
    tip: "Use the JSON file with client_email, private_key_id and private_key, as it was downloaded.",
  });
}

const notSigned =
  "Give the identity of this process the right iam.serviceAccounts.signJwt (roles/iam.serviceAccountTokenCreator) on the service account; the IAM Credentials API must be enabled.";
