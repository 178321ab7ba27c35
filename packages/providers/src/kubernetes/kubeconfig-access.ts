import type { ProviderHost } from "@tacit/core/provider";
import { unlessAborted } from "../shared/pause.ts";
import type { ApiAccess } from "./api-access.ts";
import type { KubernetesOptions } from "./options.ts";

/** What an access by kubeconfig is told. */
export type KubeconfigOptions = Pick<KubernetesOptions, "kubeconfig" | "context" | "tls">;

/** The access that a developer has: a kubeconfig, read by @kubernetes/client-node, which is loaded by the first login. */
export function kubeconfigAccess(options: KubeconfigOptions, host: Pick<ProviderHost, "name" | "protect">): ApiAccess {
  let loading: Promise<typeof import("./kubeconfig.ts")> | undefined;
  let reader: InstanceType<typeof import("./kubeconfig.ts")["KubeconfigReader"]> | undefined;
  return {
    kind: "kubeconfig",
    async login({ signal }, renew = false) {
      loading ??= import("./kubeconfig.ts");
      const { KubeconfigReader } = await loading;
      reader ??= new KubeconfigReader(options, host);
      // An exec plugin may wait for somebody to log in.
      return unlessAborted(reader.login(renew), signal);
    },
  };
}
