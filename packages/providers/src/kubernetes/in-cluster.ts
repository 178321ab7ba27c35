import { readlinkSync } from "node:fs";
import { type ProviderHost, SecretError } from "@tacit/core/provider";
import { isRuntimeDenial, runtimeTip } from "../shared/files/errors.ts";
import { readTextNow } from "../shared/files/read-text.ts";
import type { ApiLogin, LoginSource } from "./login.ts";

/** Variables by name, as the kubelet sets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The parts of its process that a provider reads. */
export interface ProcessContext {
  readonly environment: Environment;
  /** The directory of the mounted service account. */
  readonly accountDirectory: string;
}

/** Whether this process runs in a pod. */
export function isInCluster({ KUBERNETES_SERVICE_HOST }: Environment): boolean {
  return KUBERNETES_SERVICE_HOST !== undefined && KUBERNETES_SERVICE_HOST !== "";
}

/**
 * Returns the login of a pod's service account. The files are checked before each request, so that a rotated token is used at
 * once.
 */
export function inClusterLogin(
  environment: Environment,
  files: ServiceAccountFiles,
  host: Pick<ProviderHost, "name" | "protect">,
  { verify }: { readonly verify: boolean },
): LoginSource {
  let protectedToken: string | undefined;
  return {
    kind: "in-cluster",
    async login(_context, renew): Promise<ApiLogin> {
      const { token, ca, namespace } = files.read(renew);
      if (token !== protectedToken) {
        host.protect(token, `${host.name}/token`);
        protectedToken = token;
      }
      return {
        url: serverUrl(environment),
        // The API server is inside of the cluster, while HTTPS_PROXY is meant for servers outside.
        proxy: "none",
        headers: { authorization: `Bearer ${token}` },
        tls: { ca, names: { ca: files.caFile }, verify },
        namespace,
      };
    },
  };
}

/** Returns the URL of the API server. An IPv6 address may have brackets, as users write it, or none, as the kubelet writes it. */
function serverUrl(environment: Environment): string {
  const host = (environment.KUBERNETES_SERVICE_HOST ?? "").trim().replace(/^\[(.*)\]$/, "$1");
  const port = environment.KUBERNETES_SERVICE_PORT?.trim() || "443";
  const authority = host.includes(":") ? `[${host}]` : host;
  const isHost = /^[\w.-]+$|^\[.*\]$/.test(authority) && URL.canParse(`https://${authority}`);
  if (!isHost) throw invalidVariable("KUBERNETES_SERVICE_HOST", "is not a host");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw invalidVariable("KUBERNETES_SERVICE_PORT", "is not a port");
  return `https://${authority}:${port}`;
}

function invalidVariable(name: string, what: string): SecretError {
  return new SecretError("INVALID_CONFIG", `the variable ${name} ${what}`, {
    reason: "invalid",
    tip: "The kubelet sets it to the address of the API server; find out what overwrites it.",
  });
}

/** The directory in which the kubelet mounts the service account of a pod. */
export const accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The files of one publication of the kubelet. */
export interface AccountFiles {
  readonly token: string;
  /** Undefined if the cluster mounts none. */
  readonly ca: string | undefined;
  readonly namespace: string | undefined;
}

/**
 * Reads the files of a service account, always all from one publication: the kubelet writes all of them to a new directory and
 * then replaces the link `..data`. Reading is synchronous, because these are three small files in memory.
 */
export class ServiceAccountFiles {
  readonly #directory: string;
  #kept: { readonly publication: string; readonly files: AccountFiles } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The path of the cluster's certificate authority. */
  get caFile(): string {
    return `${this.#directory}/ca.crt`;
  }

  /**
   * Returns the files; without a new publication, this takes one `readlink`.
   * @param again whether to read the files even without a new publication
   * @throws {SecretError} UNAUTHENTICATED `service-account`
   */
  read(again = false): AccountFiles {
    for (let round = 0; round < mostRounds; round++) {
      const publication = this.#publication();
      if (!again && publication !== undefined && this.#kept?.publication === publication) return this.#kept.files;
      const files = this.#readAll(publication);
      // A new publication was made meanwhile, and the old directory may be partly removed.
      if (publication !== this.#publication()) continue;
      if (files === undefined) break;
      if (publication !== undefined) this.#kept = { publication, files };
      return files;
    }
    throw new SecretError("UNAUTHENTICATED", "the token of the pod's service account cannot be read", {
      reason: "service-account",
      tip: this.#isRefused()
        ? runtimeTip(this.#directory)
        : `Check for ${this.#directory}/token: the pod or its service account may set automountServiceAccountToken: false.`,
    });
  }

  #isRefused(): boolean {
    try {
      readTextNow(`${this.#directory}/token`);
      return false;
    } catch (error) {
      return isRuntimeDenial(error);
    }
  }

  #publication(): string | undefined {
    try {
      return readlinkSync(`${this.#directory}/..data`);
    } catch {
      // Tools for developers create plain files.
      return undefined;
    }
  }

  #readAll(publication: string | undefined): AccountFiles | undefined {
    const directory = publication === undefined ? this.#directory : `${this.#directory}/${publication}`;
    const token = textOf(`${directory}/token`)?.trim() ?? "";
    if (token === "") return undefined;
    return { token, ca: textOf(`${directory}/ca.crt`), namespace: textOf(`${directory}/namespace`)?.trim() };
  }
}

/** The maximum number of tries; a kubelet publishes at most once a minute. */
const mostRounds = 20;

function textOf(file: string): string | undefined {
  try {
    return readTextNow(file);
  } catch {
    return undefined;
  }
}
