import type { Environment } from "../environment.ts";
import { askCloud } from "./cloud-identity.ts";
import { type Login, type LoginContext, requestLogin } from "./login.ts";
import { askMetadata, type MetadataServer } from "./metadata-server.ts";
import { missingPeer } from "./optional-peer.ts";

/** `auth` with `method: "azure"` after validation. */
export interface AzureLoginOptions {
  readonly method: "azure";
  readonly mount: string;
  readonly role: string;
  /** For whom the token is: the `resource` of the mount. */
  readonly resource: string;
  /** Whose token: the machine's managed identity, or the workload identity of a pod. */
  readonly identity: "managed" | "workload";
  /** The client id of one of several managed identities. */
  readonly clientId?: string | undefined;
  /** What the machine is; by default, for a managed identity, what it says itself. */
  readonly machine?: AzureMachine | undefined;
}

/** What Vault looks up at Azure, where the role is bound to it. */
export interface AzureMachine {
  readonly subscriptionId?: string | undefined;
  readonly resourceGroupName?: string | undefined;
  readonly vmName?: string | undefined;
  readonly vmssName?: string | undefined;
  readonly resourceId?: string | undefined;
}

/**
 * Logs in with a token that Azure gives this machine or pod.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/azure#login
 */
export function createAzureLogin(options: AzureLoginOptions, environment: Environment): Login {
  const server = instanceMetadata(environment);
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const isManaged = options.identity === "managed";
      const jwt = await (isManaged ? managedToken(options, server, context) : workloadToken(options, context));
      context.host.protect(jwt, `${context.host.name}/Azure token`);
      const machine = options.machine ?? (isManaged ? await machineOf(server, context) : {});
      const json = {
        role: options.role,
        jwt,
        subscription_id: machine.subscriptionId,
        resource_group_name: machine.resourceGroupName,
        vm_name: machine.vmName,
        vmss_name: machine.vmssName,
        resource_id: machine.resourceId,
      };
      return requestLogin({ path: "auth/{+mount}/login", values: { mount: options.mount }, json }, context, refused);
    },
  };
}

/** @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
async function managedToken(
  { resource, clientId }: AzureLoginOptions,
  server: MetadataServer,
  context: LoginContext,
): Promise<string> {
  const query = { "api-version": "2018-02-01", resource, client_id: clientId };
  const ask = async (): Promise<string> => {
    const answer = await askMetadata(server, { path: "/metadata/identity/oauth2/token", query }, context);
    return tokenIn((answer.json() as { readonly access_token?: unknown } | null)?.access_token);
  };
  return askCloud("token of a managed identity", notManaged, ask, context);
}

/** Of the variables and the file that the webhook of Azure Workload Identity adds to a pod. */
async function workloadToken({ resource }: AzureLoginOptions, context: LoginContext): Promise<string> {
  const { WorkloadIdentityCredential } = await importIdentity();
  const ask = async (): Promise<string> => {
    const abortSignal = context.signal;
    const answer = await new WorkloadIdentityCredential().getToken(`${resource}/.default`, { abortSignal });
    return tokenIn(answer?.token);
  };
  return askCloud("token of a workload identity", notWorkload, ask, context);
}

/** @see https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service */
async function machineOf(server: MetadataServer, context: LoginContext): Promise<AzureMachine> {
  const query = { "api-version": "2021-02-01" };
  const ask = async (): Promise<AzureMachine> => {
    const answer = await askMetadata(server, { path: "/metadata/instance/compute", query }, context);
    const about = (answer.json() ?? {}) as Readonly<Record<string, unknown>>;
    const vmssName = textIn(about.vmScaleSetName);
    return {
      subscriptionId: textIn(about.subscriptionId),
      resourceGroupName: textIn(about.resourceGroupName),
      // Vault takes one of both; an instance of a scale set is found by its set.
      vmName: vmssName === undefined ? textIn(about.name) : undefined,
      vmssName,
    };
  };
  return askCloud("description of this machine", notManaged, ask, context);
}

function instanceMetadata({ AZURE_POD_IDENTITY_AUTHORITY_HOST: host }: Environment): MetadataServer {
  return { host: host?.replace(/^http:\/\/|\/+$/g, "") || "169.254.169.254", headers: { metadata: "true" } };
}

function tokenIn(value: unknown): string {
  const token = textIn(value);
  if (token === undefined) throw new Error("no token");
  return token;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const notManaged =
  'Run on a virtual machine with a managed identity, and name it with `clientId` where it has several; in AKS with workload identity use "identity": "workload".';
const notWorkload =
  'Label the pod azure.workload.identity/use: "true" and its service account with the client id; AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set.';

const refused =
  "Look at the role's bounds, at the mount's resource, which must be `resource` to the letter, and whether Vault may look machines up at Azure.";

async function importIdentity(): Promise<typeof import("@azure/identity")> {
  try {
    return await import("@azure/identity");
  } catch (cause) {
    throw missingPeer("@azure/identity@4", cause);
  }
}
