import { type ProviderHost, SecretError } from "@tacit/core/provider";
import type { Environment } from "../in-cluster.ts";
import type { ApiLogin } from "../login.ts";
import type { KubernetesOptions } from "../options.ts";
import { chosenContext, type KubeconfigContext } from "./context.ts";
import { readKubeconfig } from "./document.ts";
import { openPlugin, type Plugin } from "./plugin.ts";
import { userCredentials } from "./user.ts";

/** What is asked for of a kubeconfig. */
export type KubeconfigOptions = Pick<KubernetesOptions, "kubeconfig" | "context" | "tls">;

/** One reading of the files. */
interface Reading {
  readonly context: KubeconfigContext;
  /** Opened by the first login that needs it; it keeps its tokens until they expire. */
  plugin?: Promise<Plugin>;
}

/** Turns a kubeconfig into logins. */
export class KubeconfigReader {
  readonly #options: KubeconfigOptions;
  readonly #environment: Environment;
  readonly #host: Pick<ProviderHost, "name" | "protect">;
  /** name -> what the redactor knows under it */
  readonly #protected = new Map<string, string | Uint8Array>();
  #reading: Reading | undefined;
  /** Of the first reading: "kubectl config use-context" in another window must not move a running program. */
  #context: string | undefined;
  #asking: Promise<ApiLogin> | undefined;
  #renewing: Promise<ApiLogin> | undefined;

  constructor(options: KubeconfigOptions, environment: Environment, host: Pick<ProviderHost, "name" | "protect">) {
    this.#options = options;
    this.#environment = environment;
    this.#host = host;
    this.#context = options.context;
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
    this.#reading ??= { context: await this.#read() };
    const reading = this.#reading;
    const { cluster, user, namespace } = reading.context;
    const { verify } = this.#options.tls;
    if (cluster.flag("insecure-skip-tls-verify") && verify) throw insecureTls();
    const { headers, certificate, key } = await userCredentials(user, () => this.#runPlugin(reading));
    const url = cluster.text("server")?.replace(/\/+$/, "");
    if (url === undefined) throw cluster.broken("is missing", "server");
    this.#protect(headers.authorization, key);
    return {
      url,
      proxy: cluster.text("proxy-url") ?? "none",
      headers,
      tls: {
        ca: await cluster.pem("certificate-authority"),
        certificate,
        key,
        names: {
          ca: `${cluster.key}.certificate-authority`,
          certificate: `${user.key}.client-certificate`,
          key: `${user.key}.client-key`,
        },
        serverName: cluster.text("tls-server-name"),
        verify,
      },
      namespace: namespace ?? "default",
    };
  }

  async #read(): Promise<KubeconfigContext> {
    const document = await readKubeconfig(this.#options.kubeconfig, this.#environment);
    const context = chosenContext(document, this.#context);
    this.#context = context.name;
    return context;
  }

  async #runPlugin(reading: Reading): ReturnType<Plugin["run"]> {
    // One that could not be opened is opened anew by the next login.
    reading.plugin ??= openPlugin(reading.context).catch((error: unknown) => {
      delete reading.plugin;
      throw error;
    });
    return (await reading.plugin).run();
  }

  /** Only what is new: the redactor keeps one value under each name. */
  #protect(authorization: string | readonly string[] | undefined, key: string | Uint8Array | undefined): void {
    const token = authorization === undefined ? undefined : String(authorization).replace(/^\S+ /, "");
    for (const [name, value] of Object.entries({ token, key })) {
      if (value === undefined || this.#protected.get(name) === value) continue;
      this.#protected.set(name, value);
      this.#host.protect(value, `${this.#host.name}/${name}`);
    }
  }
}

function insecureTls(): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    "the kubeconfig sets insecure-skip-tls-verify, but the config document does not allow it",
    {
      reason: "insecure-tls",
      tip: 'Set the certificate-authority of the cluster; or accept with "tls": { "verify": false } that anybody can impersonate it.',
    },
  );
}
