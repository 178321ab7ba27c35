import type { Environment } from "../environment.ts";
import { type Login, requestLogin } from "./login.ts";

/** The option `auth` with `method: "azure"` after validation. */
export interface AzureLoginOptions {
  readonly method: "azure";
  readonly mount: string;
  readonly role: string;
  /** The audience of the token, which is the `resource` of the mount. */
  readonly resource: string;
  /** The identity of the token: the managed identity of the machine, or the workload identity of a pod. */
  readonly identity: "managed" | "workload";
  /** The client id, if there are several managed identities. */
  readonly clientId?: string | undefined;
  /** The machine. Default with a managed identity: the description in its metadata service. */
  readonly machine?:
    | {
        readonly subscriptionId?: string | undefined;
        readonly resourceGroupName?: string | undefined;
        readonly vmName?: string | undefined;
        readonly vmssName?: string | undefined;
        readonly resourceId?: string | undefined;
      }
    | undefined;
}

/**
 * Creates a login with a token that Azure issues to this machine or pod.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/azure#login
 */
export function createAzureLogin(options: AzureLoginOptions, environment: Environment): Login {
  return {
    method: options.method,
    ownsToken: true,
    async login(context) {
      const [{ azureMachine }, { azureProof }] = await Promise.all([
        import("../../cloud/azure-metadata.ts"),
        import("../../cloud/proofs.ts"),
      ]);
      const jwt = await azureProof(options, environment, context);
      const isManaged = options.identity === "managed";
      const machine = options.machine ?? (isManaged ? await azureMachine(environment, context) : undefined);
      const json = {
        role: options.role,
        jwt,
        subscription_id: machine?.subscriptionId,
        resource_group_name: machine?.resourceGroupName,
        // Vault accepts only one of the two names by default; an instance of a scale set is identified by the set.
        vm_name: options.machine === undefined && machine?.vmssName !== undefined ? undefined : machine?.vmName,
        vmss_name: machine?.vmssName,
        resource_id: machine?.resourceId,
      };
      return requestLogin({ path: "auth/{+mount}/login", values: { mount: options.mount }, json }, context, refused);
    },
  };
}

const refused =
  "Check the role's bounds, the mount's resource, which must equal `resource` exactly, and whether Vault may look up machines in Azure.";
