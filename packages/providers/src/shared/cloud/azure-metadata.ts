import type { ProviderHost } from "@tacit/core/provider";
import type { IssuedToken } from "../store/token-login.ts";
import { askCloud, type CloudContext } from "./ask-cloud.ts";
import { askMetadata, type MetadataServer } from "./metadata-server.ts";

/** The parameters of a token of a managed identity. */
export interface AzureTokenRequest {
  /** The resource: `https://vault.azure.net/`. */
  readonly resource: string;
  /** The client id, if the machine has several managed identities. */
  readonly clientId?: string | undefined;
}

/** The description of a virtual machine. */
export interface AzureMachine {
  readonly subscriptionId?: string | undefined;
  readonly resourceGroupName?: string | undefined;
  readonly vmName?: string | undefined;
  readonly vmssName?: string | undefined;
  readonly resourceId?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Obtains a token of a managed identity: in App Service, Functions and Container Apps from the endpoint of the platform,
 * elsewhere from the metadata service of the machine.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export async function managedIdentityToken(
  { resource, clientId }: AzureTokenRequest,
  environment: Environment,
  context: CloudContext,
): Promise<IssuedToken> {
  const endpoint = appServiceEndpoint(environment, context.host);
  const [server, path, version] =
    endpoint === undefined
      ? [instanceMetadata(environment), "/metadata/identity/oauth2/token", "2018-02-01"]
      : [endpoint.server, endpoint.path, "2019-08-01"];
  const query = { "api-version": version, resource, client_id: clientId };
  const ask = async (): Promise<IssuedToken> => {
    const answer = await askMetadata(server, { path, query }, context);
    const about = (answer.json() ?? {}) as Readonly<Record<string, unknown>>;
    return { token: tokenIn(about.access_token), lifeMs: lifeOf(about, context.host) };
  };
  return askCloud("token of a managed identity", notManaged, ask, context);
}

/**
 * Reads the description of the machine from its metadata service; returns undefined in App Service, which has none.
 * @throws {SecretError} UNAUTHENTICATED, UNAVAILABLE or THROTTLED `cloud-identity`
 * @see https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
 */
export async function azureMachine(environment: Environment, context: CloudContext): Promise<AzureMachine | undefined> {
  if (appServiceEndpoint(environment, context.host) !== undefined) return undefined;
  const query = { "api-version": "2021-02-01" };
  const ask = async (): Promise<AzureMachine> => {
    const server = instanceMetadata(environment);
    const answer = await askMetadata(server, { path: "/metadata/instance/compute", query }, context);
    const about = (answer.json() ?? {}) as Readonly<Record<string, unknown>>;
    return {
      subscriptionId: textIn(about.subscriptionId),
      resourceGroupName: textIn(about.resourceGroupName),
      vmName: textIn(about.name),
      vmssName: textIn(about.vmScaleSetName),
    };
  };
  return askCloud("description of this machine", notManaged, ask, context);
}

function instanceMetadata({ AZURE_POD_IDENTITY_AUTHORITY_HOST: host }: Environment): MetadataServer {
  return { host: host?.replace(/^http:\/\/|\/+$/g, "") || "169.254.169.254", headers: { metadata: "true" } };
}

/** Returns the endpoint of App Service. It sets both variables; other platforms, such as Azure Arc, set only one of them. */
function appServiceEndpoint(
  { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header }: Environment,
  host: Pick<ProviderHost, "protect" | "name">,
): { readonly server: MetadataServer; readonly path: string } | undefined {
  if (!endpoint || !header || !URL.canParse(endpoint)) return undefined;
  const { protocol, host: server, pathname } = new URL(endpoint);
  if (protocol !== "http:") return undefined;
  host.protect(header, `${host.name}/identity header`);
  return { server: { host: server, headers: { "x-identity-header": header } }, path: pathname };
}

function tokenIn(value: unknown): string {
  const token = textIn(value);
  if (token === undefined) throw new Error("no token");
  return token;
}

/** Returns the lifetime of a token. App Service sends only the expiry, in seconds since the epoch. The numbers may be text. */
function lifeOf(
  { expires_in: seconds, expires_on: end }: Readonly<Record<string, unknown>>,
  { clock }: Pick<ProviderHost, "clock">,
): number {
  const lifeMs = seconds === undefined ? Number(end) * 1000 - clock.now() : Number(seconds) * 1000;
  return lifeMs > 0 && Number.isFinite(lifeMs) ? lifeMs : shortestLifeMs;
}

/** The assumed lifetime if the response contains none, or if the clock of this machine is wrong. */
const shortestLifeMs = 300_000;

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const notManaged =
  'Run on a virtual machine, or in App Service, Functions or Container Apps, with a managed identity, and set `clientId` if there are several; in AKS with workload identity use "identity": "workload".';
