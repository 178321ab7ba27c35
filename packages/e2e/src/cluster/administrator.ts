import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  RbacAuthorizationV1Api,
  type V1Secret,
} from "@kubernetes/client-node";
import type { ApiServer } from "./api-server.ts";

/** Fields of a Secret as text. */
export type SecretFields = Readonly<Record<string, string>>;

/** Who may do what with which Secrets of a namespace. */
export interface Grant {
  readonly account: string;
  readonly secrets: readonly string[];
  readonly verbs: readonly string[];
}

/** Whoever sets up a cluster and writes its Secrets; works through the official client. */
export interface Administrator {
  readonly core: CoreV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  /** For whatever has no interface of its own. */
  readonly objects: KubernetesObjectApi;
  createNamespace(name: string): Promise<void>;
  createSecret(namespace: string, name: string, fields: SecretFields): Promise<V1Secret>;
  /** Replaces all fields. */
  replaceSecret(namespace: string, name: string, fields: SecretFields): Promise<V1Secret>;
  /** Makes a service account with these rights and no others. */
  createReader(namespace: string, grant: Grant): Promise<void>;
  /** A token of a service account, as the kubelet asks for one. Default 3600 s; the server refuses under 600 s. */
  requestToken(namespace: string, account: string, request?: TokenRequest): Promise<string>;
}

/** What a token may be asked for. */
export interface TokenRequest {
  readonly expirationSeconds?: number;
  readonly audiences?: string[];
}

export function createAdministrator({ url, certificateAuthority, adminToken }: ApiServer): Administrator {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "e2e", server: url, caFile: certificateAuthority, skipTLSVerify: false },
    { name: "admin", token: adminToken },
  );
  const core = config.makeApiClient(CoreV1Api);
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  return {
    core,
    rbac,
    objects: KubernetesObjectApi.makeApiClient(config),
    async createNamespace(name) {
      await core.createNamespace({ body: { metadata: { name } } });
    },
    createSecret: (namespace, name, fields) =>
      core.createNamespacedSecret({ namespace, body: { metadata: { name }, data: encoded(fields) } }),
    replaceSecret: (namespace, name, fields) =>
      core.replaceNamespacedSecret({ namespace, name, body: { metadata: { name }, data: encoded(fields) } }),
    async createReader(namespace, { account, secrets, verbs }) {
      const metadata = { name: account };
      await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
      const rule = { apiGroups: [""], resources: ["secrets"], resourceNames: [...secrets], verbs: [...verbs] };
      await rbac.createNamespacedRole({ namespace, body: { metadata, rules: [rule] } });
      const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: account };
      const subjects = [{ kind: "ServiceAccount", name: account, namespace }];
      await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
    },
    async requestToken(namespace, account, { expirationSeconds = 3600, audiences = [] } = {}) {
      const spec = { expirationSeconds, audiences };
      const answer = await core.createNamespacedServiceAccountToken({ namespace, name: account, body: { spec } });
      return answer.status?.token ?? "";
    },
  };
}

function encoded(fields: SecretFields): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}
