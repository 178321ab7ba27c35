import { createSign } from "node:crypto";
import { type CredentialSource, SecretError } from "@tacit/core/provider";
import { createHttpClient } from "../../shared/http/create-client.ts";
import { askCloud } from "./cloud-identity.ts";
import { credentialText } from "./credential-text.ts";
import type { LoginContext } from "./login.ts";
import { missingPeer } from "./optional-peer.ts";

/** Shorter than what a role allows by default, 15 minutes; the JWT is used at once. */
const lifetimeSeconds = 300;

/**
 * Signs with a key file of a service account. Nothing is asked of Google.
 * @throws {SecretError} UNAUTHENTICATED `credential-malformed`, and what reading the key throws
 * @see https://developer.hashicorp.com/vault/docs/auth/gcp#generate-a-self-signed-jwt-token
 */
export async function keySignedJwt(
  { role, key: source }: { readonly role: string; readonly key: CredentialSource },
  { host }: Pick<LoginContext, "host">,
): Promise<string> {
  const key = keyOf(await credentialText(source, "service account key", host));
  host.protect(key.private_key, `${host.name}/private key`);
  const header = { alg: "RS256", typ: "JWT", kid: key.private_key_id };
  const signed = [header, claims(key.client_email, role, host.clock.now())].map(encoded).join(".");
  try {
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key.private_key, "base64url")}`;
  } catch {
    throw badKey();
  }
}

/**
 * Lets Google sign for a service account, whose keys never leave it. Who asks is who Google's libraries say that this
 * process is (application default credentials), by google-auth-library.
 * @throws {SecretError} UNAUTHENTICATED `cloud-identity`, INVALID_CONFIG `sdk-missing`, and the network's
 * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
 */
export async function googleSignedJwt(
  options: { readonly role: string; readonly serviceAccount: string; readonly signerUrl: string },
  { host, signal }: LoginContext,
): Promise<string> {
  const { role, serviceAccount, signerUrl: url } = options;
  const { GoogleAuth } = await importGoogleAuth();
  const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
  const ask = async (): Promise<string> => {
    const accessToken = await new GoogleAuth({ scopes }).getAccessToken();
    if (!accessToken) throw new Error("no access token");
    host.protect(accessToken, `${host.name}/Google access token`);
    // Google's library goes through the proxy of the environment too.
    const client = createHttpClient({ url, proxy: "environment" }, host);
    try {
      const answer = await client.request(
        {
          method: "POST",
          path: "/v1/projects/-/serviceAccounts/{serviceAccount}:signJwt",
          values: { serviceAccount },
          headers: { authorization: `Bearer ${accessToken}` },
          json: { payload: JSON.stringify(claims(serviceAccount, role, host.clock.now())) },
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
  return askCloud("JWT for the service account", notSigned, ask, { host, signal });
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

function claims(serviceAccount: string, role: string, nowMs: number): object {
  const now = Math.floor(nowMs / 1000);
  return { sub: serviceAccount, aud: `vault/${role}`, iat: now, exp: now + lifetimeSeconds };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function badKey(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the key of the service account is no key file of Google's", {
    reason: "credential-malformed",
    tip: "Use the JSON file with client_email, private_key_id and private_key, as it was downloaded.",
  });
}

const notSigned =
  "Give this process application default credentials, and that identity the right iam.serviceAccounts.signJwt (roles/iam.serviceAccountTokenCreator) on the service account; the IAM Credentials API must be enabled.";

async function importGoogleAuth(): Promise<typeof import("google-auth-library")> {
  try {
    return await import("google-auth-library");
  } catch (cause) {
    throw missingPeer("google-auth-library@11", cause);
  }
}
