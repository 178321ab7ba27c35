import { type ProviderHost, SecretError } from "@tacit/core/provider";
import { programLimitMs } from "../../shared/program-limit.ts";
import { loginLimitMs, within } from "../../shared/within.ts";
import type { Environment } from "../in-cluster.ts";
import type { ApiLogin } from "../login.ts";
import type { KubernetesOptions } from "../options.ts";
import { chosenContext, type KubeconfigContext } from "./context.ts";
import { readKubeconfig } from "./document.ts";
import { openPlugin } from "./open-plugin.ts";
import { type Plugin, type PluginCredentials, pluginName } from "./plugin.ts";
import { userCredentials } from "./user.ts";

/** The options for reading a kubeconfig. */
export type KubeconfigOptions = Pick<KubernetesOptions, "kubeconfig" | "context" | "tls">;

/** The parts of a provider that its kubeconfig needs. */
export type KubeconfigHost = Pick<ProviderHost, "clock" | "name" | "protect">;

/** The chosen context as the files were read, with its plugin. */
interface Reading {
  readonly context: KubeconfigContext;
  /** Opened by the first login that needs it; it keeps its tokens until they expire. */
  plugin?: Promise<Plugin>;
  /** The run in progress; at most one at a time, because a run may outlast the logins that wait for it. */
  running?: Promise<PluginCredentials> | undefined;
}

/** Reads logins from a kubeconfig. */
export class KubeconfigReader {
  readonly #options: KubeconfigOptions;
  readonly #environment: Environment;
  readonly #host: KubeconfigHost;
  readonly #ending = new AbortController();
  /** Name -> the value that the redactor protects under it. */
  readonly #protected = new Map<string, string | Uint8Array>();
  #reading: Reading | undefined;
  /** The context of the first reading; "kubectl config use-context" must not move a running program to another one. */
  #context: string | undefined;
  #asking: Promise<ApiLogin> | undefined;
  #renewing: Promise<ApiLogin> | undefined;

  constructor(options: KubeconfigOptions, environment: Environment, host: KubeconfigHost) {
    this.#options = options;
    this.#environment = environment;
    this.#host = host;
    this.#context = options.context;
  }

  /**
   * Returns the login of the kubeconfig's user. With `renew`, files are read and plugins run again. Concurrent calls share one
   * result, because a plugin may take seconds.
   * @throws {SecretError} INVALID_CONFIG `sdk-missing`, `kubeconfig`, `insecure-tls`; UNAUTHENTICATED `kubeconfig-login`;
   * UNAVAILABLE `timeout`
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

  /** Kills a running exec plugin. */
  close(): void {
    this.#ending.abort(new SecretError("CLOSED", "the provider of the kubeconfig was closed"));
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

  /**
   * Runs the plugin, which may wait for a user to log in. The login stops waiting before the deadline of a read; the plugin
   * continues until its own limit.
   */
  #runPlugin(reading: Reading): Promise<PluginCredentials> {
    reading.running ??= this.#startPlugin(reading).finally(() => {
      reading.running = undefined;
    });
    const late = (): SecretError => tooSlow(pluginName(reading.context.user));
    return within(reading.running, {
      clock: this.#host.clock,
      signal: this.#ending.signal,
      limitMs: loginLimitMs,
      late,
    });
  }

  async #startPlugin(reading: Reading): Promise<PluginCredentials> {
    // After a failure, the next login opens the plugin again.
    reading.plugin ??= openPlugin(reading.context, { clock: this.#host.clock, signal: this.#ending.signal }).catch(
      (error: unknown) => {
        delete reading.plugin;
        throw error;
      },
    );
    return (await reading.plugin).run();
  }

  /** Protects changed values; the redactor keeps one value under each name. */
  #protect(authorization: string | readonly string[] | undefined, key: string | Uint8Array | undefined): void {
    const token = authorization === undefined ? undefined : String(authorization).replace(/^\S+ /, "");
    for (const [name, value] of Object.entries({ token, key })) {
      if (value === undefined || this.#protected.get(name) === value) continue;
      this.#protected.set(name, value);
      this.#host.protect(value, `${this.#host.name}/${name}`);
    }
  }
}

function tooSlow(name: string): SecretError {
  return new SecretError("UNAVAILABLE", `${name} has not answered within ${loginLimitMs / 1000} s`, {
    reason: "timeout",
    tip: `A later read uses its answer; a command is killed after ${programLimitMs / 1000} s. Try the same context with kubectl: it may be waiting for a login.`,
  });
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
