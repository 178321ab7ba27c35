import type { ProviderHost } from "@tacit/core/provider";
import type { JwtClaims } from "./google-jwt.ts";
import type { GoogleContext } from "./google-login.ts";
import type { AzureProof, GoogleProof } from "./proof-options.ts";

/** What asking a cloud for a proof needs. */
export type ProofContext = GoogleContext;

type Environment = Readonly<Record<string, string | undefined>>;

/** A question to STS, whose answer says who signed it. */
export interface CallerQuestion {
  /** GET has the question in its query, POST in its body. */
  readonly method: "GET" | "POST";
  /** The STS that the store asks. */
  readonly sts: URL;
  readonly region: string;
  /** Wall time, which AWS allows to be 5 minutes off. */
  readonly at: number;
  /** What else is signed, so that the signature is worth nothing elsewhere. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A question that was signed. The store puts it to STS in place of this process; its keys stay here. */
export interface SignedCallerQuestion {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Signs the question "who am I?" with the keys of this process.
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
  // It is as good as a password for a quarter of an hour.
  protect(headers.authorization ?? "", "AWS signature", context.host);
  return { headers, body: request.body };
}

/**
 * Gets a token of Azure that says which machine or pod this is.
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

/** For whom a token of Google is. */
export interface GoogleQuestion extends GoogleProof {
  readonly audience: string;
  /** Where Google signs for service accounts. */
  readonly signerUrl?: string | undefined;
  /** Wall time of what is signed for another account. Default: this machine's. */
  readonly at?: number | undefined;
}

/**
 * Gets an identity token of Google: of the instance or pod itself, or signed by Google for another service account.
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
