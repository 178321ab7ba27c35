import type { ProviderHost } from "@tacit/core/provider";
import type { JwtClaims } from "./google-jwt.ts";
import type { GoogleContext } from "./google-login.ts";
import type { AzureProof, GoogleProof } from "./proof-options.ts";

/** The context of a request for a proof. */
export type ProofContext = GoogleContext;

type Environment = Readonly<Record<string, string | undefined>>;

/** A request to STS for the identity of its signer. */
export interface CallerQuestion {
  /** With GET, the parameters are in the query, with POST in the body. */
  readonly method: "GET" | "POST";
  /** The STS that the store calls. */
  readonly sts: URL;
  readonly region: string;
  /** The wall time, in milliseconds since the epoch, which may be 5 minutes off. */
  readonly at: number;
  /** Further signed headers, which bind the signature to one store. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A signed request. The store sends it to STS, without learning the keys. */
export interface SignedCallerQuestion {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Signs a request for the identity of this process (GetCallerIdentity) with its keys.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`, INVALID_CONFIG `sdk-missing`
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function signCallerQuestion(
  { method, sts, region, at, headers: more }: CallerQuestion,
  context: ProofContext,
): Promise<SignedCallerQuestion> {
  const { awsKeys } = await import("./aws.ts");
  const { AwsSigner } = await import("./aws-signature.ts");
  const keys = await awsKeys({ region }, context);
  const isPost = method === "POST";
  const url = new URL(sts);
  if (!isPost) url.search = question;
  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const request = { method, url, headers: { ...(isPost && form), ...more }, body: isPost ? question : "" };
  const headers = new AwsSigner().sign(request, { keys, service: "sts", region, at: new Date(at) });
  // The signature can be used as a credential for 15 minutes.
  protect(headers.authorization ?? "", "AWS signature", context.host);
  return { headers, body: request.body };
}

/**
 * Obtains a token of Azure for the identity of this machine or pod.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`, INVALID_CONFIG `sdk-missing`
 */
export async function azureProof(
  { resource, identity, clientId }: AzureProof,
  environment: Environment,
  context: ProofContext,
): Promise<string> {
  const { AzureLogin } = await import("./azure-login.ts");
  const auth = identity === "managed" ? ({ method: "managed", clientId } as const) : ({ method: "workload" } as const);
  const { token } = await new AzureLogin(auth, environment).token({ scope: `${resource}/.default` }, context);
  return token;
}

/** The parameters of an identity token of Google. */
export interface GoogleQuestion extends GoogleProof {
  readonly audience: string;
  /** The address of the IAM Credentials API. Default: the public one. */
  readonly signerUrl?: string | undefined;
  /** The time of issue of a token of the type `iam`, in milliseconds since the epoch. Default: the time of this machine. */
  readonly at?: number | undefined;
}

/**
 * Obtains an identity token of Google: of the instance or pod itself, or for another service account.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`, INVALID_CONFIG `sdk-missing`
 */
export async function googleProof(
  { type, serviceAccount, audience, signerUrl = iamCredentials, at }: GoogleQuestion,
  environment: Environment,
  context: ProofContext,
): Promise<string> {
  const jwt =
    type === "iam"
      ? await signedByGoogle(
          { sub: serviceAccount, aud: audience, at: at ?? context.host.clock.now() },
          { environment, signerUrl },
          context,
        )
      : await ofInstance({ serviceAccount, audience }, environment, context);
  protect(jwt, "Google JWT", context.host);
  return jwt;
}

async function ofInstance(
  question: { readonly serviceAccount: string; readonly audience: string },
  { GCE_METADATA_HOST: host }: Environment,
  context: ProofContext,
): Promise<string> {
  const { instanceIdentity } = await import("./google-metadata.ts");
  return instanceIdentity({ metadataServer: host || "metadata.google.internal", ...question }, context);
}

async function signedByGoogle(
  claims: JwtClaims,
  { environment, signerUrl }: { readonly environment: Environment; readonly signerUrl: string },
  context: ProofContext,
): Promise<string> {
  const { googleSignedJwt } = await import("./google-jwt.ts");
  const { GoogleLogin } = await import("./google-login.ts");
  const login = new GoogleLogin({ method: "application-default" }, environment);
  return googleSignedJwt(claims, { login, signerUrl }, context);
}

const iamCredentials = "https://iamcredentials.googleapis.com";
const question = "Action=GetCallerIdentity&Version=2011-06-15";

function protect(proof: string, what: string, host: Pick<ProviderHost, "protect" | "name">): void {
  host.protect(proof, `${host.name}/${what}`);
}
