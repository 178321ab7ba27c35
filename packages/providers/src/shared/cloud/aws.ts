import { askCloud, type CloudContext } from "./ask-cloud.ts";
import type { AwsKeys } from "./aws-signature.ts";
import { missingPeer } from "./optional-peer.ts";
import { assertRegularFile } from "./regular-file.ts";

/** The source of keys, in addition to the environment of the process. */
export interface AwsKeySource {
  /** The region of the STS that assumes a role. */
  readonly region?: string | undefined;
  /** A profile of the shared config files. */
  readonly profile?: string | undefined;
  /** A role to assume with the keys. */
  readonly role?: AwsRole | undefined;
}

/** A role to be assumed. */
export interface AwsRole {
  readonly arn: string;
  readonly externalId?: string | undefined;
  readonly sessionName?: string | undefined;
}

/**
 * Obtains the keys of this process from the sources of the AWS SDKs: variables, profiles with SSO and processes, a web identity
 * (IRSA), a container (ECS, EKS Pod Identity) or an instance (IMDSv2). They are not cached, and registered with the redactor.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`, INVALID_CONFIG `sdk-missing`
 */
export async function awsKeys(source: AwsKeySource, context: CloudContext): Promise<AwsKeys> {
  const fromVariables = environmentKeys(source);
  if (fromVariables !== undefined && source.role === undefined) {
    protectKeys(fromVariables, context);
    return fromVariables;
  }
  for (const name of fileVariables) assertRegularFile(name, process.env[name]);
  const providers = await importCredentialProviders();
  const ask = async (): Promise<AwsKeys> => {
    const found = (): Promise<AwsKeys> => chainKeys(source, providers);
    return source.role === undefined ? found() : roleKeys(source.role, source.region, found, providers);
  };
  const keys = await askCloud("AWS credentials", source.role === undefined ? missing : notAssumed, ask, context);
  protectKeys(keys, context);
  return keys;
}

/** Registers the secret parts of keys with the redactor. */
export function protectKeys(keys: AwsKeys, { host }: Pick<CloudContext, "host">): void {
  host.protect(keys.secretAccessKey, `${host.name}/AWS secret access key`);
  if (keys.sessionToken !== undefined) host.protect(keys.sessionToken, `${host.name}/AWS session token`);
}

type CredentialProviders = typeof import("@aws-sdk/credential-providers");

/** Returns the keys of the variables, the first source of the SDKs. They are read without a package, which keeps cold starts of AWS Lambda fast. */
function environmentKeys({ profile }: AwsKeySource): AwsKeys | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, ...more } = process.env;
  if (!accessKeyId || !secretAccessKey || profile !== undefined || more.AWS_PROFILE) return undefined;
  const { AWS_SESSION_TOKEN: sessionToken, AWS_CREDENTIAL_EXPIRATION: ends } = more;
  const expiration = new Date(ends ?? Number.NaN);
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(!Number.isNaN(expiration.getTime()) && { expiration }),
  };
}

async function chainKeys({ region, profile }: AwsKeySource, providers: CredentialProviders): Promise<AwsKeys> {
  const attempts = new SingleAttempts();
  const find = providers.fromNodeProviderChain({
    ...once,
    // Files that the SDK has cached may have been replaced.
    ignoreCache: true,
    ...(profile !== undefined && { profile }),
    // Has no region, because it would also apply to SSO, which may be in another one.
    clientConfig: { retryStrategy: attempts },
  });
  try {
    return await find(region === undefined ? undefined : { callerClientConfig: { region: async () => region } });
  } catch (error) {
    // The chain drops the errors of its sources, so an outage would be reported as missing keys.
    if (attempts.failure !== undefined) throw attempts.failure;
    // After an error that ends the chain, such as an expired session, no other identity may be used.
    if (!/from any providers/.test(String(error))) throw error;
    if (containerVariables.some((name) => process.env[name])) return providers.fromHttp(once)();
    return instanceKeys(error, providers);
  }
}

/** Asks the metadata service once more, to distinguish its outage from a machine without one. */
async function instanceKeys(error: unknown, { fromInstanceMetadata }: CredentialProviders): Promise<AwsKeys> {
  if (process.env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") throw error;
  try {
    return await fromInstanceMetadata(once)();
  } catch (cause) {
    const { statusCode = 0 } = Object(cause) as { readonly statusCode?: number };
    throw statusCode === 429 || statusCode >= 500 ? cause : error;
  }
}

/** A retry strategy without retries for the clients of STS and SSO, which keeps the last error. The caller retries itself. */
class SingleAttempts {
  failure: unknown;

  async acquireInitialRetryToken() {
    return { getRetryCount: () => 0, getRetryDelay: () => 0 };
  }

  async refreshRetryTokenForRetry(_token: unknown, { error }: { readonly error?: unknown }): Promise<never> {
    this.failure = error;
    throw error;
  }

  recordSuccess(): void {
    this.failure = undefined;
  }
}

async function roleKeys(
  { arn, externalId, sessionName = "tacit" }: AwsRole,
  region: string | undefined,
  masterCredentials: () => Promise<AwsKeys>,
  { fromTemporaryCredentials }: CredentialProviders,
): Promise<AwsKeys> {
  const params = { RoleArn: arn, RoleSessionName: sessionName, ...(externalId && { ExternalId: externalId }) };
  const clientConfig = { maxAttempts: 1, ...(region !== undefined && { region }) };
  return fromTemporaryCredentials({ masterCredentials, params, clientConfig })();
}

/** Disables retries, since the caller retries itself. */
const once = { maxRetries: 0 };
const containerVariables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
/** The variables with paths of files that the chain reads. */
const fileVariables = [
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];
const missing =
  "Give this process a role (IRSA, a task role, an instance profile), a profile or variables such as AWS_ACCESS_KEY_ID; `aws sts get-caller-identity` shows the current identity.";
const notAssumed =
  "Allow sts:AssumeRole on that role in the policy of this identity, and list this identity in the trust policy of the role, with its external id; `aws sts get-caller-identity` shows the identity.";

async function importCredentialProviders(): Promise<typeof import("@aws-sdk/credential-providers")> {
  try {
    return await import("@aws-sdk/credential-providers");
  } catch (cause) {
    throw missingPeer("@aws-sdk/credential-providers@3", cause);
  }
}
