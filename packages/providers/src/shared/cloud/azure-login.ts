import type { TokenCredential } from "@azure/identity";
import { type CallContext, type CredentialSource, type ProviderHost, SecretError } from "@tacit/core/provider";
import { credentialText } from "../credential-text.ts";
import { parseRetryAfter } from "../http/retry-after.ts";
import type { IssuedToken } from "../store/token-login.ts";
import { askCloud } from "./ask-cloud.ts";
import { managedIdentityToken } from "./azure-metadata.ts";
import { missingPeer } from "./optional-peer.ts";
import { assertRegularFile } from "./regular-file.ts";

/** The identity of this process at Azure. */
export type AzureAuth =
  /** The workload identity of the pod if there is one, else the managed identity of the machine. */
  | { readonly method: "default" }
  /** The workload identity of a pod; each part overrides the one that the webhook of Azure Workload Identity adds. */
  | {
      readonly method: "workload";
      readonly tenantId?: string | undefined;
      readonly clientId?: string | undefined;
      readonly tokenFile?: string | undefined;
    }
  /** A managed identity of a virtual machine, App Service, Functions or Container Apps. */
  | { readonly method: "managed"; readonly clientId?: string | undefined }
  | {
      readonly method: "client-secret";
      readonly tenantId: string;
      readonly clientId: string;
      readonly secret: CredentialSource;
    }
  /** An application with a certificate and its key, in PEM. */
  | {
      readonly method: "client-certificate";
      readonly tenantId: string;
      readonly clientId: string;
      readonly certificate: CredentialSource;
    }
  /** The account that is logged in with `az login`. */
  | { readonly method: "cli"; readonly tenantId?: string | undefined };

/** The parameters of a token. */
export interface AzureTokenQuestion {
  /** The scope: `https://vault.azure.net/.default`. */
  readonly scope: string;
  /** The claims that a service requires (continuous access evaluation), as JSON. */
  readonly claims?: string | undefined;
  /** The address of Entra in a national cloud. AZURE_AUTHORITY_HOST takes precedence. Default: the public one. */
  readonly authorityHost?: string | undefined;
}

/** The context of a login at Azure. */
export interface AzureContext extends CallContext {
  readonly host: Pick<ProviderHost, "clock" | "name" | "protect" | "credential">;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Obtains tokens of Entra. Nothing is cached between two of them: files and certificates may have been replaced, and the cache of the
 * library could return a refused token again. The default chain of the library is not used, since it runs programs.
 */
export class AzureLogin {
  readonly #auth: AzureAuth;
  readonly #environment: Environment;

  constructor(auth: AzureAuth, environment: Environment) {
    this.#auth = auth;
    this.#environment = environment;
  }

  /**
   * Obtains a token.
   * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`; INVALID_CONFIG `sdk-missing`; errors of reading a
   * credential
   */
  async token(question: AzureTokenQuestion, context: AzureContext): Promise<IssuedToken> {
    const auth = this.#resolved();
    const issued =
      auth.method === "managed"
        ? await managedIdentityToken(
            { resource: question.scope.replace(/\/\.default$/, ""), clientId: auth.clientId },
            this.#environment,
            context,
          )
        : await exchange(await this.#credential(auth, question, context), { auth, question }, context);
    context.host.protect(issued.token, `${context.host.name}/Azure token`);
    return issued;
  }

  #resolved(): Exclude<AzureAuth, { readonly method: "default" }> {
    if (this.#auth.method !== "default") return this.#auth;
    return { method: this.#environment.AZURE_FEDERATED_TOKEN_FILE ? "workload" : "managed" };
  }

  async #credential(
    auth: Exclude<AzureAuth, { readonly method: "default" | "managed" }>,
    { authorityHost }: AzureTokenQuestion,
    { host }: AzureContext,
  ): Promise<CreateCredential> {
    const identity = await importIdentity();
    const entra = this.#environment.AZURE_AUTHORITY_HOST || authorityHost;
    const optionsFor = (policy: PipelinePolicy) => ({
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [{ policy, position: "perRetry" as const }],
      ...(entra !== undefined && { authorityHost: entra }),
    });
    switch (auth.method) {
      case "workload": {
        const parts = {
          tenantId: auth.tenantId ?? this.#environment.AZURE_TENANT_ID,
          clientId: auth.clientId ?? this.#environment.AZURE_CLIENT_ID,
          tokenFilePath: auth.tokenFile ?? this.#environment.AZURE_FEDERATED_TOKEN_FILE,
        };
        assertRegularFile(
          auth.tokenFile === undefined ? "AZURE_FEDERATED_TOKEN_FILE" : "`tokenFile`",
          parts.tokenFilePath,
        );
        const known = Object.entries(parts).filter(([, part]) => part !== undefined);
        return (policy) =>
          new identity.WorkloadIdentityCredential({ ...optionsFor(policy), ...Object.fromEntries(known) });
      }
      case "client-secret": {
        const secret = (await credentialText(auth.secret, "client secret", host)).trim();
        host.protect(secret, `${host.name}/client secret`);
        return (policy) =>
          new identity.ClientSecretCredential(auth.tenantId, auth.clientId, secret, optionsFor(policy));
      }
      case "client-certificate": {
        const certificate = await credentialText(auth.certificate, "client certificate", host);
        return (policy) =>
          new identity.ClientCertificateCredential(
            auth.tenantId,
            auth.clientId,
            { certificate },
            { ...optionsFor(policy), sendCertificateChain: true },
          );
      }
      case "cli":
        return () => new identity.AzureCliCredential(auth.tenantId === undefined ? {} : { tenantId: auth.tenantId });
    }
  }
}

type CreateCredential = (policy: PipelinePolicy) => TokenCredential;

async function exchange(
  create: CreateCredential,
  { auth, question }: { readonly auth: AzureAuth; readonly question: AzureTokenQuestion },
  context: AzureContext,
): Promise<IssuedToken> {
  const { scope, claims } = question;
  const options = { abortSignal: context.signal, enableCae: true, ...(claims !== undefined && { claims }) };
  const answered: { status?: number; retryAfter?: string | undefined } = {};
  // The errors of the library lack the status of a response that Entra has not written.
  const policy: PipelinePolicy = {
    name: "tacit",
    async sendRequest(request, next) {
      const response = await next(request);
      answered.status = response.status;
      answered.retryAfter = response.headers.get("retry-after");
      return response;
    },
  };
  const ask = async (): Promise<IssuedToken> => {
    try {
      // The constructors belong to the `try` block: they throw errors that quote their arguments.
      const answer = await create(policy).getToken(scope, options);
      if (!answer?.token) throw new Error("no token");
      return { token: answer.token, lifeMs: answer.expiresOnTimestamp - context.host.clock.now() };
    } catch (cause) {
      const { status = 0, retryAfter } = answered;
      if (status !== 429 && status < 500) throw cause;
      const retryAfterMs = parseRetryAfter(retryAfter, context.host.clock);
      throw new SecretError(status === 429 ? "THROTTLED" : "UNAVAILABLE", `Entra answered ${status}`, { retryAfterMs });
    }
  };
  const what = auth.method === "workload" || auth.method === "default" ? "token of a workload identity" : "Azure token";
  return askCloud(what, tips[auth.method], ask, context);
}

/** A policy of the library's HTTP pipeline, declared here because the package with its type may not be installed. */
interface PipelinePolicy {
  readonly name: string;
  sendRequest<R, A extends { readonly status: number; readonly headers: { get(name: string): string | undefined } }>(
    request: R,
    next: (request: R) => Promise<A>,
  ): Promise<A>;
}

const application =
  "Check the tenant and client id, and whether the secret or certificate of the application has expired or was removed.";
const tips: Readonly<Record<AzureAuth["method"], string>> = {
  default: "",
  managed: "",
  workload:
    'Label the pod azure.workload.identity/use: "true" and its service account with the client id; AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set, and the federated credential of the identity must contain the issuer of the cluster and the service account.',
  "client-secret": application,
  "client-certificate": application,
  cli: "Log in with `az login`; a service needs another method.",
};

async function importIdentity(): Promise<typeof import("@azure/identity")> {
  try {
    return await import("@azure/identity");
  } catch (cause) {
    throw missingPeer("@azure/identity@4", cause);
  }
}
