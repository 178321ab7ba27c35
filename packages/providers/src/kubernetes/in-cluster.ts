import type { ProviderHost } from "@tacit/core/provider";
import type { ApiAccess, ApiLogin } from "./api-access.ts";
import type { ServiceAccountFiles } from "./service-account-files.ts";

/** Variables by name, as the kubelet sets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether this process runs in a pod. */
export function isInCluster({ KUBERNETES_SERVICE_HOST }: Environment): boolean {
  return KUBERNETES_SERVICE_HOST !== undefined && KUBERNETES_SERVICE_HOST !== "";
}

/** The access that every pod has: its service account. Looked at before each request, so a rotated token is used at once. */
export function inClusterAccess(
  environment: Environment,
  files: ServiceAccountFiles,
  host: Pick<ProviderHost, "name" | "protect">,
  { verify }: { readonly verify: boolean },
): ApiAccess {
  let protectedToken: string | undefined;
  return {
    kind: "in-cluster",
    async login(_context, renew): Promise<ApiLogin> {
      const { token, ca, namespace } = files.read(renew);
      if (token !== protectedToken) {
        host.protect(token, `${host.name}/token`);
        protectedToken = token;
      }
      return {
        url: serverUrl(environment),
        // The API server is a neighbour; HTTPS_PROXY is meant for the world outside.
        proxy: "none",
        headers: { authorization: `Bearer ${token}` },
        tls: { ca, verify },
        namespace,
      };
    },
  };
}

function serverUrl({ KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" }: Environment): string {
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
