import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiServer } from "../cluster/api-server.ts";
import { type RealWriter, startRealWriter } from "../kubelet/real-writer.ts";

const mountPoint = "/run/secrets/kubernetes.io/serviceaccount";

/** What a pod finds around it: its service account's files, and where the API server is. */
export interface Pod extends AsyncDisposable {
  /** As the kubelet sets them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Runs the command that follows with the files at their place, in a mount namespace of its own. */
  readonly launcher: readonly string[];
  /** Swaps the files for those with another token, as the kubelet does. */
  useToken(token: string): Promise<void>;
}

/** Whether this user may make mount namespaces. */
export function canMount(): boolean {
  return spawnSync("unshare", ["--mount", "true"], { stdio: "ignore" }).status === 0;
}

/** Prepares one in a folder. The caller disposes of it. */
export async function createPod(folder: string, apiServer: ApiServer, namespace: string, token: string): Promise<Pod> {
  const files = join(folder, "account");
  mkdirSync(files, { recursive: true });
  const writer: RealWriter = startRealWriter(files);
  const useToken = (next: string): Promise<void> =>
    writer.write({
      token: { content: next },
      "ca.crt": { content: readFileSync(apiServer.certificateAuthority) },
      namespace: { content: namespace },
    });
  await useToken(token);
  // In a namespace of its own, so nobody else sees an empty /run; /var/run is a link to it.
  const prepare = `mount -t tmpfs none /run && mkdir -p ${mountPoint} && mount --bind "$0" ${mountPoint} && exec "$@"`;
  const { hostname, port } = new URL(apiServer.url);
  return {
    variables: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    launcher: ["unshare", "--mount", "sh", "-c", prepare, files],
    useToken,
    [Symbol.asyncDispose]: () => writer.stop(),
  };
}
