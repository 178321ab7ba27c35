import { renameSync, writeFileSync } from "node:fs";
import type { ApiServer } from "../cluster/api-server.ts";

/** Writes a kubeconfig with one context, or puts another token into it; readers never meet half of it. */
export function writeKubeconfig(file: string, apiServer: ApiServer, namespace: string, token: string): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "e2e", cluster: { server: apiServer.url, "certificate-authority": apiServer.certificateAuthority } },
    ],
    users: [{ name: "reader", user: { token } }],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user: "reader", namespace } }],
    "current-context": "e2e",
  };
  writeFileSync(`${file}.next`, JSON.stringify(config), { mode: 0o600 });
  renameSync(`${file}.next`, file);
}
