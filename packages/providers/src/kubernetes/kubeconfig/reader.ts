import type { RequestOptions } from "node:https";
import { isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { ApiLogin } from "../login.ts";
import type { KubeconfigOptions } from "./login.ts";

/** The part of client-node that is used: it reads files, runs exec plugins and renews OIDC tokens. It sends no request of ours. */
type ClientNode = typeof import("@kubernetes/client-node");
type KubeConfig = InstanceType<ClientNode["KubeConfig"]>;
type Cluster = NonNullable<ReturnType<KubeConfig["getCurrentCluster"]>>;

/** What one reading of the files has given. */
interface Reading {
  /** With the tokens that its plugins keep until they expire. */
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  readonly namespace: string | undefined;
}

/** Turns a kubeconfig into logins. */
export class KubeconfigReader {
  readonly #options: KubeconfigOptions;
  readonly #host: Pick<ProviderHost, "name" | "protect">;
  /** name -> what the redactor knows under it */
  readonly #protected = new Map<string, string | Uint8Array>();
  #reading: Reading | undefined;
  /** Of the first reading: "kubectl config use-context" in another window must not move a running program. */
  #context: string | undefined;
  #asking: Promise<ApiLogin> | undefined;
  #renewing: Promise<ApiLogin> | undefined;

  constructor(options: KubeconfigOptions, host: Pick<ProviderHost, "name" | "protect">) {
    this.#options = options;
    this.#host = host;
  }

  /**
   * Asks the kubeconfig's user for credentials. With `renew`, files are read and plugins run again. A plugin may take
   * seconds, so those who ask meanwhile share its answer.
   * @throws {SecretError} INVALID_CONFIG `sdk-missing`, `kubeconfig`, `insecure-tls`; UNAUTHENTICATED `kubeconfig-login`
   */
  login(renew: boolean): Promise<ApiLogin> {
    if (this.#renewing !== undefined) return this.#renewing;
    if (renew) {
      this.#renewing = this.#ask(true).finally(() => {
        this.#renewing = undefined;
      });
      return this.#renewing;
    }
    this.#asking ??= this.#ask(false).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(renew: boolean): Promise<ApiLogin> {
    if (renew) this.#reading = undefined;
    this.#reading ??= this.#read(await importClientNode());
    const { config, cluster, namespace } = this.#reading;
    const { verify } = this.#options.tls;
    if (cluster.skipTLSVerify === true && verify) throw insecureTls();
    const applied = await credentials(config);
    this.#protect(applied);
    return {
      url: cluster.server.replace(/\/+$/, ""),
      proxy: cluster.proxyUrl ?? "none",
      headers: applied.headers,
      tls: { ...applied.tls, serverName: cluster.tlsServerName, verify },
      namespace: namespace ?? "default",
    };
  }

  /** Only what is new: the redactor keeps one value under each name. */
  #protect({ headers, tls }: Pick<ApiLogin, "headers" | "tls">): void {
    const token = headers.authorization?.replace(/^\S+ /, "");
    for (const [name, value] of Object.entries({ token, key: tls.key })) {
      if (value === undefined || this.#protected.get(name) === value) continue;
      this.#protected.set(name, value);
      this.#host.protect(value, `${this.#host.name}/${name}`);
    }
  }

  #read({ KubeConfig }: ClientNode): Reading {
    const config = new KubeConfig();
    try {
      if (this.#options.kubeconfig === undefined) config.loadFromDefault();
      else config.loadFromFile(this.#options.kubeconfig);
    } catch (cause) {
      throw broken("cannot be read", cause);
    }
    this.#context ??= this.#options.context ?? config.getCurrentContext();
    config.setCurrentContext(this.#context);
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw broken("has no such context, or its context names no cluster");
    if (isMadeUp(cluster)) throw broken("does not exist");
    return { config: forCredentials(config), cluster, namespace: config.getContextObject(this.#context)?.namespace };
  }
}

/** What client-node makes up where it finds no file: a server of kubectl's first years, or the service account of a pod. */
function isMadeUp({ name, server }: Cluster): boolean {
  return (name === "cluster" && server === "http://localhost:8080") || name === "inCluster";
}

/** Without the way to the server, which is ours: client-node opens agents on it, and refuses an http server on this machine. */
function forCredentials(config: KubeConfig): KubeConfig {
  config.clusters = config.clusters.map(({ proxyUrl: _, ...cluster }) => ({ ...cluster, server: "https://localhost" }));
  return config;
}

async function importClientNode(): Promise<ClientNode> {
  try {
    return await import("@kubernetes/client-node");
  } catch (cause) {
    throw new SecretError("INVALID_CONFIG", "@kubernetes/client-node, which reads kubeconfig files, cannot be loaded", {
      reason: "sdk-missing",
      tip: "npm install @kubernetes/client-node@2. Within a cluster it is not needed.",
      cause,
    });
  }
}

/** What a plugin printed, or an identity provider answered, may hold a token: none of it is kept. */
async function credentials(config: KubeConfig): Promise<Pick<ApiLogin, "headers" | "tls">> {
  const applied: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(applied);
  } catch (error) {
    if (isSecretError(error)) throw error;
    throw new SecretError("UNAUTHENTICATED", "the kubeconfig's user gave no credentials", {
      reason: "kubeconfig-login",
      cause: error,
      tip: 'Try the same context with kubectl, such as "kubectl get namespaces": log in again, or install the plugin that it names.',
    });
  }
  const { ca, cert, key, auth } = applied;
  const basic = typeof auth === "string" ? { Authorization: `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  return {
    headers: textHeaders({ ...basic, ...(applied.headers as object | undefined) }),
    tls: { ca: pem(ca), certificate: pem(cert), key: pem(key) },
  };
}

function textHeaders(headers: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function pem(material: RequestOptions["key"]): string | undefined {
  return material === undefined || material === null ? undefined : String(material);
}

function broken(what: string, cause?: unknown): SecretError {
  return new SecretError("INVALID_CONFIG", `the kubeconfig ${what}`, {
    reason: "kubeconfig",
    cause,
    tip: 'Set KUBECONFIG or the options `kubeconfig` and `context`; "kubectl config get-contexts" shows what there is.',
  });
}

function insecureTls(): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    "the kubeconfig says insecure-skip-tls-verify, and the config document does not",
    {
      reason: "insecure-tls",
      tip: 'Give the cluster its certificate-authority; or accept that anybody can pose as it, with "tls": { "verify": false }.',
    },
  );
}
