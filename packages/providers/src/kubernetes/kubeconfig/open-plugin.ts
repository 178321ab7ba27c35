import type { KubeconfigContext } from "./context.ts";
import type { Plugin, PluginHost } from "./plugin.ts";

/**
 * Prepares the plugin of a user.
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`, `sdk-missing`
 */
export async function openPlugin(context: KubeconfigContext, host: PluginHost): Promise<Plugin> {
  const exec = context.user.section("exec");
  if (exec === undefined) return (await import("./oidc-plugin.ts")).openOidcPlugin(context);
  return (await import("./exec-plugin.ts")).openExecPlugin(exec, context.user, context.cluster, host);
}
