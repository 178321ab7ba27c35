import { createSign } from "node:crypto";
import { type CredentialSource, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { GoogleAuth } from "google-auth-library";
import { credentialText } from "../credential-text.ts";
import { createHttpClient } from "../http/create-client.ts";
import { askCloud, type CloudContext } from "./ask-cloud.ts";
import { askMetadata } from "./metadata-server.ts";
import { missingPeer } from "./optional-peer.ts";

/**
 * Gets access tokens for who Google's libraries say that this process is (application default credentials): a key file, a
 * workload identity federation, the metadata server. The library keeps a token until it ends.
 */
export class GoogleTokens {
  #auth: Promise<GoogleAuth> | undefined;

  /** @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`, INVALID_CONFIG `sdk-missing` */
  async token(context: CloudContext): Promise<string> {
    this.#auth ??= load();
    try {
      const auth = await this.#auth;
      const token = await askCloud("Google access token", missing, () => auth.getAccessToken(), context);
      if (!token)
        throw new SecretError("UNAUTHENTICATED", "Google gave no access token", {
          reason: "cloud-identity",
          tip: missing,
        });
      context.host.protect(token, `${context.host.name}/Google access token`);
      return token;
    } catch (error) {
      // The library keeps the credentials that it found first, and those may have been replaced since.
      this.#auth = undefined;
      throw error;
    }
  }
}

async function load(): Promise<GoogleAuth> {
  const { GoogleAuth } = await importGoogleAuth();
  // Without a project the library asks the Cloud Resource Manager for one, and fails where that may not be asked.
  return new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"], projectId: "unused" });
}

const missing =
  "Give this process application default credentials: GOOGLE_APPLICATION_CREDENTIALS, a service account of the instance or pod, or workload identity federation.";

/** The claims of a JWT beside `iat` and `exp`. */
export interface JwtClaims {
  readonly sub: string;
  readonly aud: string;
}

/**
 * Lets Google sign a JWT for a service account, whose keys never leave it.
 * @throws {SecretError} UNAUTHENTICATED `cloud-identity`, INVALID_CONFIG `sdk-missing`, and the network's
 * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
 */
export async function googleSignedJwt(
  claims: JwtClaims,
  { tokens, signerUrl: url }: { readonly tokens: GoogleTokens; readonly signerUrl: string },
  context: CloudContext,
): Promise<string> {
  const { host, signal } = context;
  const token = await tokens.token(context);
  const ask = async (): Promise<string> => {
    // Google's library goes through the proxy of the environment too.
    const client = createHttpClient({ url, proxy: "environment" }, host);
    try {
      const answer = await client.request(
        {
          method: "POST",
          path: "/v1/projects/-/serviceAccounts/{serviceAccount}:signJwt",
          values: { serviceAccount: claims.sub },
          headers: { authorization: `Bearer ${token}` },
          json: { payload: JSON.stringify(timed(claims, host)) },
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
 * Signs a JWT with a key file of a service account. Nothing is asked of Google.
 * @param claimsOf the claims for the account of the key
 * @throws {SecretError} UNAUTHENTICATED `credential-malformed`, and what reading the key throws
 * @see https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth
 */
export async function keySignedJwt(
  source: CredentialSource,
  claimsOf: (serviceAccount: string) => JwtClaims,
  host: Pick<ProviderHost, "clock" | "credential" | "protect" | "name">,
): Promise<string> {
  const key = keyOf(await credentialText(source, "service account key", host));
  host.protect(key.private_key, `${host.name}/private key`);
  const header = { alg: "RS256", typ: "JWT", kid: key.private_key_id };
  const signed = [header, timed(claimsOf(key.client_email), host)].map(encoded).join(".");
  try {
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key.private_key, "base64url")}`;
  } catch {
    throw badKey();
  }
}

/**
 * Gets an identity token of the instance from its metadata server.
 * @param server host and perhaps port; GCE_METADATA_HOST where that is set
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 */
export async function instanceIdentity(
  {
    server,
    serviceAccount,
    audience,
  }: { readonly server: string; readonly serviceAccount: string; readonly audience: string },
  context: CloudContext,
): Promise<string> {
  const path = "/computeMetadata/v1/instance/service-accounts/{serviceAccount}/identity";
  const ask = async (): Promise<string> => {
    const answer = await askMetadata(
      { host: server, headers: { "metadata-flavor": "Google", accept: "*/*" } },
      { path, values: { serviceAccount }, query: { audience, format: "full" } },
      context,
    );
    const jwt = answer.text().trim();
    // Another server under that name, such as a resolver's page for unknown hosts, does not say it.
    if (answer.header("metadata-flavor") !== "Google" || !isJwt(jwt)) throw new Error("no metadata server");
    return jwt;
  };
  return askCloud("identity token of Google", notGoogle, ask, context);
}

/** Shorter than the 15 minutes that Vault allows by default; the JWT is used at once. */
const lifetimeSeconds = 300;

function timed(claims: JwtClaims, { clock }: Pick<ProviderHost, "clock">): object {
  const now = Math.floor(clock.now() / 1000);
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

function isJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

function badKey(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the key of the service account is no key file of Google's", {
    reason: "credential-malformed",
    tip: "Use the JSON file with client_email, private_key_id and private_key, as it was downloaded.",
  });
}

const notSigned =
  "Give the identity of this process the right iam.serviceAccounts.signJwt (roles/iam.serviceAccountTokenCreator) on the service account; the IAM Credentials API must be enabled.";
const notGoogle =
  "Run on Google Compute Engine, GKE or Cloud Run with a service account, and leave its metadata server reachable.";

async function importGoogleAuth(): Promise<typeof import("google-auth-library")> {
  try {
    return await import("google-auth-library");
  } catch (cause) {
    throw missingPeer("google-auth-library@11", cause);
  }
}
