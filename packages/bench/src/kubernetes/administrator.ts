import { CoreV1Api, KubeConfig, RbacAuthorizationV1Api, type V1Secret } from "@kubernetes/client-node";
import type { ControlPlane } from "./control-plane.ts";
import { secretValue } from "./secret-value.ts";

/** The label of every Secret of a bench. */
const benchLabel = { app: "bench" } as const;
/** The selector that finds them. */
export const benchSelector = "app=bench";

/** Sets up what is watched, and writes it; works through the official client, so that the writer is not our code. */
export class Administrator {
  readonly #core: CoreV1Api;
  readonly #rbac: RbacAuthorizationV1Api;

  constructor({ url, certificateFolder, adminToken }: ControlPlane) {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: "bench", server: url, caFile: `${certificateFolder}/apiserver.crt`, skipTLSVerify: false },
      { name: "admin", token: adminToken },
    );
    this.#core = config.makeApiClient(CoreV1Api);
    this.#rbac = config.makeApiClient(RbacAuthorizationV1Api);
  }

  /**
   * Makes a namespace with an account that may read its Secrets.
   * @returns a token of the account
   */
  async createNamespace(namespace: string): Promise<string> {
    await this.#core.createNamespace({ body: { metadata: { name: namespace } } });
    const rule = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] };
    await this.#rbac.createNamespacedRole({ namespace, body: { metadata: { name: account }, rules: [rule] } });
    await this.grant(namespace);
    return await this.createAccount(namespace);
  }

  /** Lets the account read. */
  async grant(namespace: string): Promise<void> {
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: account };
    const subjects = [{ kind: "ServiceAccount", name: account, namespace }];
    await this.#rbac.createNamespacedRoleBinding({
      namespace,
      body: { metadata: { name: account }, roleRef, subjects },
    });
  }

  /** Takes that right away. */
  async revoke(namespace: string): Promise<void> {
    await this.#rbac.deleteNamespacedRoleBinding({ namespace, name: account });
  }

  /** Makes the account anew, which ends every token of the one before; answers a token of this one. */
  async replaceAccount(namespace: string): Promise<string> {
    await this.#core.deleteNamespacedServiceAccount({ namespace, name: account });
    return await this.createAccount(namespace);
  }

  async createAccount(namespace: string): Promise<string> {
    await this.#core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: account } } });
    const body = { spec: { audiences: [], expirationSeconds: 3600 } };
    const answer = await this.#core.createNamespacedServiceAccountToken({ namespace, name: account, body });
    return answer.status?.token ?? "";
  }

  async createSecret(namespace: string, name: string): Promise<void> {
    await this.#core.createNamespacedSecret({ namespace, body: secretOf(name, 0) });
  }

  async updateSecret(namespace: string, name: string, sequence: number): Promise<void> {
    await this.#core.replaceNamespacedSecret({ namespace, name, body: secretOf(name, sequence) });
  }
}

const account = "reader";

function secretOf(name: string, sequence: number): V1Secret {
  const data = { value: Buffer.from(secretValue(sequence)).toString("base64") };
  return { metadata: { name, labels: { ...benchLabel } }, data };
}
