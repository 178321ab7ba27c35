import type { RequestOptions } from "node:https";
import { dirname, isAbsolute, join } from "node:path";
import { isSecretError, SecretError } from "@tacit/core/provider";
import { isRuntimeDenial } from "../../shared/files/errors.ts";
import type { HttpTls } from "../../shared/http/client.ts";
import type { KubeconfigContext } from "./context.ts";
import type { Section } from "./section.ts";

/** What an exec plugin or an identity provider has given. */
export type PluginCredentials = Pick<HttpTls, "certificate" | "key"> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** Runs the exec plugin of a user, or renews its OIDC token. What was given is kept until it expires. */
export interface Plugin {
  /** @throws {SecretError} UNAUTHENTICATED `kubeconfig-login` */
  run(): Promise<PluginCredentials>;
}

/**
 * Checks what a user says of its plugin.
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`
 */
export function assertPlugin(user: Section): void {
  const [exec, provider] = [user.section("exec"), user.section("auth-provider")];
  if (exec !== undefined && provider !== undefined) throw user.broken("is set together with a plugin", "auth-provider");
  // kubectl has dropped the others in 1.26.
  if (provider !== undefined && provider.text("name") !== "oidc") throw provider.broken("is not oidc", "name");
  if (exec === undefined) return;
  exec.assertKnown(execKeys);
  if (exec.text("command") === undefined) throw exec.broken("is missing", "command");
  if (!execVersions.test(exec.text("apiVersion") ?? "")) throw exec.broken("is neither v1 nor v1beta1", "apiVersion");
  if (exec.text("interactiveMode") === "Always") {
    throw exec.broken("is Always, but this process is not interactive", "interactiveMode");
  }
}

/**
 * Prepares a plugin with @kubernetes/client-node, which is loaded for that alone.
 * @throws {SecretError} INVALID_CONFIG `sdk-missing`
 */
export async function openPlugin(context: KubeconfigContext): Promise<Plugin> {
  const { KubeConfig } = await importClientNode();
  const { user, userName: name } = context;
  const config = new KubeConfig();
  // Nothing but the plugin: client-node opens agents on what it knows of the cluster, and reads files for itself.
  config.loadFromOptions({
    clusters: [{ name: "cluster", server: "https://localhost", skipTLSVerify: false }],
    users: [{ name, exec: await execOf(context), authProvider: providerOf(user) }],
    contexts: [{ name: "context", cluster: "cluster", user: name }],
    currentContext: "context",
  });
  return { run: () => run(config) };
}

const execKeys: ReadonlySet<string> = new Set([
  "apiVersion",
  "command",
  "args",
  "env",
  "installHint",
  "provideClusterInfo",
  "interactiveMode",
]);
const execVersions = /^client\.authentication\.k8s\.io\/v1(beta1)?$/;

type ClientNode = typeof import("@kubernetes/client-node");

async function importClientNode(): Promise<ClientNode> {
  try {
    return await import("@kubernetes/client-node");
  } catch (cause) {
    throw new SecretError(
      "INVALID_CONFIG",
      "@kubernetes/client-node, which runs the plugin of a kubeconfig, cannot be loaded",
      {
        reason: "sdk-missing",
        tip: "npm install @kubernetes/client-node@2. Within a cluster, and for users without a plugin, it is not needed.",
        cause,
      },
    );
  }
}

/** With the variable that tells a plugin what it is run for. @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
async function execOf({ user, cluster }: KubeconfigContext): Promise<object | undefined> {
  const exec = user.section("exec");
  if (exec === undefined) return undefined;
  const info = {
    apiVersion: exec.text("apiVersion"),
    kind: "ExecCredential",
    spec: { interactive: false, ...(exec.flag("provideClusterInfo") && { cluster: await clusterInfo(cluster) }) },
  };
  const env = [...environmentOf(exec), { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }];
  return { ...exec.members, command: commandOf(exec), args: exec.texts("args"), env };
}

/** A command with a separator is relative to the file that names it; any other is looked for in PATH. */
function commandOf(exec: Section): string | undefined {
  const command = exec.text("command");
  if (command === undefined || isAbsolute(command) || !/[/\\]/.test(command)) return command;
  return join(dirname(exec.file), command);
}

function environmentOf(exec: Section): readonly { readonly name: string; readonly value: string }[] {
  const env = exec.raw("env") ?? [];
  const isPair = (each: unknown): each is { name: string; value: string } => {
    const { name, value } = (each ?? {}) as { readonly name?: unknown; readonly value?: unknown };
    return typeof name === "string" && typeof value === "string";
  };
  if (Array.isArray(env) && env.every(isPair)) return env;
  throw exec.broken("is not a list of names and values", "env");
}

async function clusterInfo(cluster: Section): Promise<object> {
  const authorities = await cluster.pem("certificate-authority");
  const extensions = cluster.raw("extensions");
  const named = (Array.isArray(extensions) ? extensions : []).find((each) => each?.name === execExtension);
  return {
    server: cluster.text("server"),
    "tls-server-name": cluster.text("tls-server-name"),
    "insecure-skip-tls-verify": cluster.flag("insecure-skip-tls-verify") || undefined,
    "certificate-authority-data": authorities === undefined ? undefined : Buffer.from(authorities).toString("base64"),
    "proxy-url": cluster.text("proxy-url"),
    config: named?.extension,
  };
}

const execExtension = "client.authentication.k8s.io/exec";

function providerOf(user: Section): object | undefined {
  const provider = user.section("auth-provider");
  const config = provider?.section("config");
  const authority = config?.path("idp-certificate-authority");
  // A copy, into which client-node writes what it renews.
  return (
    provider && {
      ...provider.members,
      config: { ...config?.members, ...(authority !== undefined && { "idp-certificate-authority": authority }) },
    }
  );
}

/** What a plugin printed, or an identity provider answered, may hold a token: none of it is kept. */
async function run(config: InstanceType<ClientNode["KubeConfig"]>): Promise<PluginCredentials> {
  const applied: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(applied);
  } catch (error) {
    throw isSecretError(error) ? error : noCredentials(error);
  }
  const headers = Object.entries((applied.headers ?? {}) as object);
  const [certificate, key] = [pemOf(applied.cert), pemOf(applied.key)];
  // The package lets an answer without any pass, and a request without a login is one of nobody.
  const isWhole = (certificate === undefined) === (key === undefined);
  if (!isWhole || (headers.length === 0 && key === undefined)) throw noCredentials();
  return {
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), String(value)])),
    certificate,
    key,
  };
}

function noCredentials(cause?: unknown): SecretError {
  return new SecretError("UNAUTHENTICATED", "the user of the kubeconfig provided no credentials", {
    reason: "kubeconfig-login",
    cause,
    tip: isRuntimeDenial(cause)
      ? "The runtime refuses to start the plugin: start Node with --allow-child-process, or Deno with --allow-run."
      : 'Try the same context with kubectl, such as "kubectl get namespaces": log in again, or install its plugin.',
  });
}

function pemOf(material: RequestOptions["key"]): string | undefined {
  return material === undefined || material === null ? undefined : String(material);
}
