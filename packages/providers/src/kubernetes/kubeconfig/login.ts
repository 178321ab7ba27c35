import { untilAborted } from "@tacit/core/provider";
import { loadOnce } from "../../shared/load-once.ts";
import type { Environment } from "../in-cluster.ts";
import type { LoginSource } from "../login.ts";
import type { KubeconfigHost, KubeconfigOptions } from "./reader.ts";

/** Returns the login of a kubeconfig, whose reader is loaded by the first login. */
export function kubeconfigLogin(
  options: KubeconfigOptions,
  environment: Environment,
  host: KubeconfigHost,
): LoginSource {
  const load = loadOnce(async () => {
    const { KubeconfigReader } = await import("./reader.ts");
    return new KubeconfigReader(options, environment, host);
  });
  return {
    kind: "kubeconfig",
    async login({ signal }, renew = false) {
      const reader = await load();
      return untilAborted(reader.login(renew), signal);
    },
    close() {
      // A reader that could not be loaded has nothing to close.
      load.loaded?.then(
        (reader) => reader.close(),
        () => undefined,
      );
    },
  };
}
