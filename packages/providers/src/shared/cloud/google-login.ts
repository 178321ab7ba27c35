import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { CallContext, CredentialSource, ProviderHost } from "@tacit/core/provider";
import type { AuthClient, JWTOptions, UserRefreshClientOptions } from "google-auth-library";
import { credentialText } from "../credential-text.ts";
import type { StoreLogin } from "../store/store-login.ts";
import { type IssuedToken, tokenLogin } from "../store/token-login.ts";
import { askCloud } from "./ask-cloud.ts";
import { type GoogleCredentials, parseGoogleCredentials } from "./google-credentials.ts";
import { accessTokenOfInstance, emailOfInstance, type InstanceAccount } from "./google-metadata.ts";
import { missingPeer } from "./optional-peer.ts";

/** The identity of this process at Google. */
export type GoogleAuth =
  /** The file in GOOGLE_APPLICATION_CREDENTIALS, else the service account of the instance or pod. */
  | { readonly method: "default" }
  /** A service account of the instance or pod, from its metadata server. */
  | { readonly method: "metadata"; readonly serviceAccount: string }
  /** A file of workload identity federation, or the key of a service account. */
  | { readonly method: "credentials"; readonly credentials: CredentialSource }
  /** The account that is logged in with `gcloud auth application-default login`. */
  | { readonly method: "gcloud" }
  /** The sources of Google's libraries in their order: the file in the variable, a login with gcloud, the metadata server. */
  | { readonly method: "application-default" };

/** The context of a login at Google. */
export interface GoogleContext extends CallContext {
  readonly host: Pick<ProviderHost, "clock" | "name" | "protect" | "credential" | "warn">;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Obtains access tokens of Google. Nothing is cached between two of them, since files and keys may have been replaced. */
export class GoogleLogin {
  readonly #auth: GoogleAuth;
  readonly #environment: Environment;

  constructor(auth: GoogleAuth, environment: Environment) {
    this.#auth = auth;
    this.#environment = environment;
  }

  /**
   * Obtains a token.
   * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`; INVALID_CONFIG `credentials-file` or
   * `sdk-missing`; errors of reading a credential
   */
  async token(context: GoogleContext): Promise<IssuedToken> {
    const source = this.#source();
    const issued =
      "metadataServer" in source
        ? await accessTokenOfInstance(source, context)
        : await this.#exchange(await this.#read(source, context), context);
    context.host.protect(issued.token, `${context.host.name}/Google access token`);
    return issued;
  }

  /**
   * Returns the identity of the tokens as a member of an IAM policy; undefined if it is unknown.
   * @throws {SecretError} as `token` does
   */
  async member(context: GoogleContext): Promise<string | undefined> {
    const source = this.#source();
    const { email } =
      "metadataServer" in source
        ? { email: await emailOfInstance(source, context) }
        : await this.#read(source, context);
    return email === undefined ? undefined : `serviceAccount:${email}`;
  }

  #source(): CredentialSource | InstanceAccount {
    const auth = this.#auth;
    const { GCE_METADATA_HOST: server, GOOGLE_APPLICATION_CREDENTIALS: file } = this.#environment;
    const onInstance = (serviceAccount: string): InstanceAccount => ({
      metadataServer: server || "metadata.google.internal",
      serviceAccount,
    });
    if (auth.method === "credentials") return auth.credentials;
    if (auth.method === "metadata") return onInstance(auth.serviceAccount);
    if (file && auth.method !== "gcloud") return { $file: file };
    const login = gcloudFile(this.#environment);
    const isWanted = auth.method === "gcloud" || (auth.method === "application-default" && existsSync(login));
    return isWanted ? { $file: login } : onInstance("default");
  }

  async #read(source: CredentialSource, { host }: GoogleContext): Promise<GoogleCredentials> {
    const text = await credentialText(source, "Google credentials", host);
    const credentials = parseGoogleCredentials(text, {
      allowsUser: this.#auth.method === "gcloud" || this.#auth.method === "application-default",
      allowsExecutables: this.#environment.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES === "1",
    });
    for (const secret of credentials.secrets) host.protect(secret, `${host.name}/Google credentials`);
    if (credentials.kind === "service_account") host.warn("service-account-key", keyTip);
    return credentials;
  }

  async #exchange(credentials: GoogleCredentials, context: GoogleContext): Promise<IssuedToken> {
    const ask = async (): Promise<IssuedToken> => {
      // The constructors are called within `askCloud`: they throw errors that quote their arguments.
      const client = await createClient(credentials);
      const { token } = await client.getAccessToken();
      if (!token) throw new Error("no token");
      const { expiry_date: end } = client.credentials;
      const lifeMs = (end ?? 0) - context.host.clock.now();
      // If the token seems to have expired, the clock of this machine is wrong, and Google accepts the token.
      return { token, lifeMs: lifeMs > 0 ? lifeMs : shortestLifeMs };
    };
    return askCloud("Google access token", missing, ask, context);
  }
}

/** Creates the login of a provider or key service, which caches tokens and replaces them before they expire. */
export function googleTokens(login: GoogleLogin, host: ProviderHost): StoreLogin {
  return tokenLogin(
    {
      issue: ({ signal }) => login.token({ signal, host }),
      headers: (token) => ({ authorization: `Bearer ${token}` }),
    },
    host,
  );
}

/** Creates a client of the library. Its class GoogleAuth is not used: it looks up the project with a service that most identities may not call. */
async function createClient({ kind, json }: GoogleCredentials): Promise<AuthClient> {
  const { AwsClient, IdentityPoolClient, JWT, PluggableAuthClient, UserRefreshClient } = await importGoogleAuth();
  const scopes = [scope];
  if (kind === "service_account") {
    const { client_email: email, private_key: key, private_key_id: keyId } = json as Record<string, string>;
    return new JWT({ email, key, keyId, scopes } as JWTOptions);
  }
  if (kind === "authorized_user") {
    const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken } = json;
    return new UserRefreshClient({ clientId, clientSecret, refreshToken } as UserRefreshClientOptions);
  }
  const source = json.credential_source as Readonly<Record<string, unknown>>;
  const Client = source.environment_id ? AwsClient : source.executable ? PluggableAuthClient : IdentityPoolClient;
  return new Client({ ...json, scopes } as never);
}

/** Returns the file that gcloud writes. @see https://cloud.google.com/docs/authentication/application-default-credentials#personal */
function gcloudFile({ CLOUDSDK_CONFIG: folder, APPDATA: windows }: Environment): string {
  const parent = folder || (windows ? join(windows, "gcloud") : join(homedir(), ".config", "gcloud"));
  return join(parent, "application_default_credentials.json");
}

const scope = "https://www.googleapis.com/auth/cloud-platform";
/** The assumed lifetime if the library returns none, or if the clock of this machine is wrong. */
const shortestLifeMs = 300_000;
const missing =
  "Check the workload identity pool, the conditions of its provider and the right to impersonate the service account (roles/iam.workloadIdentityUser), or whether the key was deleted.";
const keyTip =
  "The key of a service account does not expire. Give the workload its own identity: that of the pod or instance, or a federated one.";

async function importGoogleAuth(): Promise<typeof import("google-auth-library")> {
  try {
    return await import("google-auth-library");
  } catch (cause) {
    throw missingPeer("google-auth-library@11", cause);
  }
}
