import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import type { Cluster } from "../cluster/cluster.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

/** A service account with a kubeconfig of its own. */
export interface Reader {
  readonly namespace: string;
  readonly account: string;
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
  /** The token that the kubeconfig holds now. */
  readonly token: string;
  /** Puts this token into the kubeconfig. */
  useToken(token: string): void;
}

/** Makes a namespace with a service account that may read these Secrets, by these verbs and no others. */
export async function createReader(
  cluster: Cluster,
  namespace: string,
  secrets: readonly string[],
  verbs: readonly string[] = ["get", "watch"],
): Promise<Reader> {
  const { administrator, apiServer } = cluster;
  const account = "reader";
  await administrator.createNamespace(namespace);
  await administrator.createReader(namespace, { account, secrets, verbs });
  const kubeconfig = join(mkdtempSync(join(inject("runFolder"), "reader-")), "kubeconfig");
  let token = "";
  const useToken = (next: string): void => {
    token = next;
    writeKubeconfig(kubeconfig, apiServer, namespace, next);
  };
  useToken(await administrator.requestToken(namespace, account));
  return {
    namespace,
    account,
    kubeconfig,
    get token() {
      return token;
    },
    useToken,
  };
}
