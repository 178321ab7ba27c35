import type { HttpAnswer } from "../http/answer.ts";
import type { IssuedToken } from "../store/token-login.ts";
import { askCloud, type CloudContext } from "./ask-cloud.ts";
import { askMetadata } from "./metadata-server.ts";

/** A service account of an instance, a pod of GKE or a service of Cloud Run. */
export interface InstanceAccount {
  /** The host, optionally with a port. */
  readonly metadataServer: string;
  /** The address of the account, or `default`. */
  readonly serviceAccount: string;
}

/**
 * Obtains an access token from the metadata server, which returns the same one until five minutes before it expires.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`
 * @see https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
 */
export async function accessTokenOfInstance(account: InstanceAccount, context: CloudContext): Promise<IssuedToken> {
  const ask = async (): Promise<IssuedToken> => {
    const answer = await askGoogle(account, { what: "token", accept: "application/json" }, context);
    const { access_token: token, expires_in: seconds } = (answer.json() ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof token !== "string" || token === "" || typeof seconds !== "number") throw new Error("no token");
    return { token, lifeMs: seconds * 1000 };
  };
  return askCloud("Google access token", notGoogle, ask, context);
}

/**
 * Returns the address of a service account; undefined for a pod of GKE without one.
 * @throws {SecretError} as `accessTokenOfInstance` does
 */
export async function emailOfInstance(account: InstanceAccount, context: CloudContext): Promise<string | undefined> {
  const ask = async (): Promise<string | undefined> => {
    const email = (await askGoogle(account, { what: "email" }, context)).text().trim();
    // The metadata server of GKE returns the workload identity pool for a pod without a service account.
    if (/^[\w.-]+\.svc\.id\.goog$/.test(email)) return undefined;
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error("no address");
    return email;
  };
  return askCloud("service account", notGoogle, ask, context);
}

/**
 * Obtains an identity token of the instance.
 * @throws {SecretError} as `accessTokenOfInstance` does
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 */
export async function instanceIdentity(
  { audience, ...account }: InstanceAccount & { readonly audience: string },
  context: CloudContext,
): Promise<string> {
  const ask = async (): Promise<string> => {
    const jwt = (await askGoogle(account, { what: "identity", query: { audience, format: "full" } }, context))
      .text()
      .trim();
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt)) throw new Error("no JWT");
    return jwt;
  };
  return askCloud("identity token of Google", notGoogle, ask, context);
}

async function askGoogle(
  { metadataServer, serviceAccount }: InstanceAccount,
  {
    what,
    accept = "*/*",
    query,
  }: { readonly what: string; readonly accept?: string; readonly query?: Record<string, string> },
  context: CloudContext,
): Promise<HttpAnswer> {
  const answer = await askMetadata(
    { host: metadataServer, headers: { "metadata-flavor": "Google", accept } },
    {
      path: `/computeMetadata/v1/instance/service-accounts/{serviceAccount}/${what}`,
      values: { serviceAccount },
      ...(query !== undefined && { query }),
    },
    context,
  );
  // Any other server under that name, such as the page of a resolver for unknown hosts, lacks the header.
  if (answer.header("metadata-flavor") !== "Google") throw new Error("no metadata server");
  return answer;
}

const notGoogle =
  "Run on Google Compute Engine, GKE or Cloud Run with a service account, and leave its metadata server reachable; elsewhere set GOOGLE_APPLICATION_CREDENTIALS to a file of workload identity federation.";
