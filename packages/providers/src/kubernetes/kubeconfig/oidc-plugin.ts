import type { RequestOptions } from "node:https";
import { isSecretError, SecretError } from "@tacit/core/provider";
import type { KubeconfigContext } from "./context.ts";
import { noCredentials } from "./no-credentials.ts";
import type { Plugin, PluginCredentials } from "./plugin.ts";
import type { Section } from "./section.ts";

/**
 * Prepares the renewal of an OIDC token with @kubernetes/client-node, which is loaded only for this.
 * @throws {SecretError} INVALID_CONFIG `sdk-missing`
 */
export async function openOidcPlugin({ user, userName: name }: KubeconfigContext): Promise<Plugin> {
  const { KubeConfig } = await importClientNode();
  const config = new KubeConfig();
  // The configuration contains only the auth provider: with a cluster, client-node would open agents and read files.
  config.loadFromOptions({
    clusters: [{ name: "cluster", server: "https://localhost", skipTLSVerify: false }],
    users: [{ name, authProvider: providerOf(user) }],
    contexts: [{ name: "context", cluster: "cluster", user: name }],
    currentContext: "context",
  });
  return { run: () => run(config) };
}

type ClientNode = typeof import("@kubernetes/client-node");

async function importClientNode(): Promise<ClientNode> {
  try {
    return await import("@kubernetes/client-node");
  } catch (cause) {
    throw new SecretError(
      "INVALID_CONFIG",
      "@kubernetes/client-node, which renews the OIDC login of a kubeconfig, cannot be loaded",
      {
        reason: "sdk-missing",
        tip: "npm install @kubernetes/client-node@2. Within a cluster, and for users without an auth-provider, it is not needed.",
        cause,
      },
    );
  }
}

function providerOf(user: Section): object | undefined {
  const provider = user.section("auth-provider");
  const config = provider?.section("config");
  const authority = config?.path("idp-certificate-authority");
  // A copy, because client-node writes renewed tokens into it.
  return (
    provider && {
      ...provider.members,
      config: { ...config?.members, ...(authority !== undefined && { "idp-certificate-authority": authority }) },
    }
  );
}

async function run(config: InstanceType<ClientNode["KubeConfig"]>): Promise<PluginCredentials> {
  const applied: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(applied);
  } catch (error) {
    throw isSecretError(error) ? error : noCredentials(error);
  }
  const headers = Object.entries((applied.headers ?? {}) as object);
  const [certificate, key] = [pemOf(applied.cert), pemOf(applied.key)];
  // client-node accepts an answer without credentials, with which the request would be anonymous.
  const isWhole = (certificate === undefined) === (key === undefined);
  if (!isWhole || (headers.length === 0 && key === undefined)) throw noCredentials();
  return {
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), String(value)])),
    certificate,
    key,
  };
}

function pemOf(material: RequestOptions["key"]): string | undefined {
  return material === undefined || material === null ? undefined : String(material);
}
