import { type ProviderHost, untilAborted } from "@tacit/core/provider";
import type { Environment } from "../in-cluster.ts";
import type { LoginSource } from "../login.ts";
import type { KubeconfigOptions } from "./reader.ts";

/** Returns the login of a developer: a kubeconfig, whose reader is loaded by the first login. */
export function kubeconfigLogin(
  options: KubeconfigOptions,
  environment: Environment,
  host: Pick<ProviderHost, "name" | "protect">,
): LoginSource {
  let loading: Promise<typeof import("./reader.ts")> | undefined;
  let reader: InstanceType<typeof import("./reader.ts")["KubeconfigReader"]> | undefined;
  return {
    kind: "kubeconfig",
    async login({ signal }, renew = false) {
      loading ??= import("./reader.ts");
      const { KubeconfigReader } = await loading;
      reader ??= new KubeconfigReader(options, environment, host);
      // An exec plugin may wait for somebody to log in.
      return untilAborted(reader.login(renew), signal);
    },
  };
}
