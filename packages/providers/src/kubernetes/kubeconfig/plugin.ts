import type { ProviderHost } from "@tacit/core/provider";
import type { HttpTls } from "../../shared/http/client.ts";
import type { Section } from "./section.ts";

/** The credentials from an exec plugin or an identity provider. */
export type PluginCredentials = Pick<HttpTls, "certificate" | "key"> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** The exec plugin of a user, or the renewal of its OIDC token. It keeps credentials until they expire. */
export interface Plugin {
  /** @Returns valid credentials.
@throws {SecretError} UNAUTHENTICATED `kubeconfig-login`, UNAVAILABLE `timeout` */
  run(): Promise<PluginCredentials>;
}

/** The parts of a provider that a plugin needs; an exec plugin is killed when `signal` aborts. */
export interface PluginHost extends Pick<ProviderHost, "clock"> {
  readonly signal: AbortSignal;
}

/**
 * Validates the configuration of a user's plugin.
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`
 */
export function assertPlugin(user: Section): void {
  const [exec, provider] = [user.section("exec"), user.section("auth-provider")];
  if (exec !== undefined && provider !== undefined) throw user.broken("is set together with a plugin", "auth-provider");
  // kubectl removed the others in 1.26.
  if (provider !== undefined && provider.text("name") !== "oidc") throw provider.broken("is not oidc", "name");
  if (exec === undefined) return;
  exec.assertKnown(execKeys);
  if (exec.text("command") === undefined) throw exec.broken("is missing", "command");
  if (!execVersions.test(exec.text("apiVersion") ?? "")) throw exec.broken("is neither v1 nor v1beta1", "apiVersion");
  if (exec.text("interactiveMode") === "Always") {
    throw exec.broken("is Always, but this process is not interactive", "interactiveMode");
  }
}

/** Returns the name of a plugin and its file for messages, without its arguments, which may contain a secret. */
export function pluginName(user: Section): string {
  const command = user.section("exec")?.text("command");
  const name = command === undefined ? "the identity provider" : `the command ${JSON.stringify(command)}`;
  return `${name} of the kubeconfig ${JSON.stringify(user.file)}`;
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
