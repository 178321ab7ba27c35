import { type ProviderHost, untilAborted } from "@tacit/core/provider";

import type { LoginSource } from "../login.ts";
import type { KubernetesOptions } from "../options.ts";

/** What an access by kubeconfig is told. */
export type KubeconfigOptions = Pick<KubernetesOptions, "kubeconfig" | "context" | "tls">;

/** The access that a developer has: a kubeconfig, read by @kubernetes/client-node, which is loaded by the first login. */
export function kubeconfigLogin(options: KubeconfigOptions, host: Pick<ProviderHost, "name" | "protect">): LoginSource {
  let loading: Promise<typeof import("./reader.ts")> | undefined;
  let reader: InstanceType<typeof import("./reader.ts")["KubeconfigReader"]> | undefined;
  return {
    kind: "kubeconfig",
    async login({ signal }, renew = false) {
      loading ??= import("./reader.ts");
      const { KubeconfigReader } = await loading;
      reader ??= new KubeconfigReader(options, host);
      // An exec plugin may wait for somebody to log in.
      return untilAborted(reader.login(renew), signal);
    },
  };
}
