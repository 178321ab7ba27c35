import { dirname, isAbsolute, join } from "node:path";
import { isSecretError } from "@tacit/core/provider";
import { type Program, runProgram } from "../../shared/program.ts";
import { noCredentials } from "./no-credentials.ts";
import { type Plugin, type PluginCredentials, type PluginHost, pluginName } from "./plugin.ts";
import { isMap, type Members, type Section } from "./section.ts";

/**
 * Prepares an exec plugin. Its credentials are kept until they expire.
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`
 */
export async function openExecPlugin(
  exec: Section,
  user: Section,
  cluster: Section,
  host: PluginHost,
): Promise<Plugin> {
  const program = await programOf(exec, user, cluster);
  let kept: Issued | undefined;
  return {
    async run() {
      if (kept === undefined || kept.endsAt <= host.clock.now()) kept = await run(program, host);
      return kept.credentials;
    },
  };
}

interface Issued {
  readonly credentials: PluginCredentials;
  /** Wall time of this machine, in milliseconds since the epoch; Infinity without an end. */
  readonly endsAt: number;
}

/**
 * Returns the program of a plugin, with the environment variable that describes its task.
 * @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
async function programOf(exec: Section, user: Section, cluster: Section): Promise<Program> {
  const info = {
    apiVersion: exec.text("apiVersion"),
    kind: "ExecCredential",
    spec: { interactive: false, ...(exec.flag("provideClusterInfo") && { cluster: await clusterInfo(cluster) }) },
  };
  return {
    command: commandOf(exec),
    args: exec.texts("args"),
    environment: { ...process.env, ...environmentOf(exec), KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    maxBytes,
    name: pluginName(user),
  };
}

/** The maximum size of the output; a credential has a few kilobytes. */
const maxBytes = 1024 * 1024;

/**
 * Returns the command: with a path separator, it is relative to the file of the kubeconfig; without one, it is searched in
 * PATH.
 */
function commandOf(exec: Section): string {
  const command = exec.text("command") ?? "";
  if (isAbsolute(command) || !/[/\\]/.test(command)) return command;
  return join(dirname(exec.file), command);
}

function environmentOf(exec: Section): Readonly<Record<string, string>> {
  const env = exec.raw("env") ?? [];
  const isPair = (each: unknown): each is { name: string; value: string } => {
    const { name, value } = (each ?? {}) as { readonly name?: unknown; readonly value?: unknown };
    return typeof name === "string" && typeof value === "string";
  };
  if (Array.isArray(env) && env.every(isPair)) return Object.fromEntries(env.map(({ name, value }) => [name, value]));
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

/** @Runs a plugin.
@throws {SecretError} UNAUTHENTICATED `kubeconfig-login`, UNAVAILABLE `timeout` */
async function run(program: Program, host: PluginHost): Promise<Issued> {
  const { code, output } = await runProgram(program, host).catch((error: unknown) => {
    throw isSecretError(error) ? error : noCredentials(error);
  });
  const status = code === 0 ? statusOf(output) : undefined;
  if (status === undefined) throw noCredentials();
  const [token, certificate, key] = ["token", "clientCertificateData", "clientKeyData"].map((name) => {
    const value = status[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  });
  // Without credentials, the request would be anonymous.
  const isWhole = (certificate === undefined) === (key === undefined);
  if (!isWhole || (token === undefined && key === undefined)) throw noCredentials();
  const end = Date.parse(String(status.expirationTimestamp));
  return {
    credentials: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` }, certificate, key },
    endsAt: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end,
  };
}

function statusOf(output: Uint8Array): Members | undefined {
  try {
    const answer: unknown = JSON.parse(Buffer.from(output).toString());
    return isMap(answer) && isMap(answer.status) ? answer.status : undefined;
  } catch {
    // The parser's message quotes the output, so it is dropped.
    return undefined;
  }
}
