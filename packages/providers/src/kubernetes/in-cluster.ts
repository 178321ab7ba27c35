import { readlinkSync } from "node:fs";
import { type ProviderHost, SecretError } from "@tacit/core/provider";
import { isRuntimeDenial, runtimeTip } from "../shared/files/errors.ts";
import { readTextNow } from "../shared/files/read-text.ts";
import type { ApiLogin, LoginSource } from "./login.ts";

/** Variables by name, as the kubelet sets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a provider finds in its process. */
export interface ProcessContext {
  readonly environment: Environment;
  /** Where the service account is mounted. */
  readonly accountDirectory: string;
}

/** Whether this process runs in a pod. */
export function isInCluster({ KUBERNETES_SERVICE_HOST }: Environment): boolean {
  return KUBERNETES_SERVICE_HOST !== undefined && KUBERNETES_SERVICE_HOST !== "";
}

/** The access that every pod has: its service account. Looked at before each request, so a rotated token is used at once. */
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
        // The API server is a neighbour; HTTPS_PROXY is meant for the world outside.
        proxy: "none",
        headers: { authorization: `Bearer ${token}` },
        tls: { ca, names: { ca: files.caFile }, verify },
        namespace,
      };
    },
  };
}

/** An IPv6 address may stand there with brackets, as people write it, and without, as the kubelet does. */
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

/** Where the kubelet mounts the service account of a pod. */
export const accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What one publication of the kubelet holds. */
export interface AccountFiles {
  readonly token: string;
  /** Absent where the cluster mounts none. */
  readonly ca: string | undefined;
  readonly namespace: string | undefined;
}

/**
 * Reads the files of a service account, which always come from one publication: the kubelet writes all of them into a new
 * directory and then turns the link `..data`. Synchronous, as these are three small files in memory.
 */
export class ServiceAccountFiles {
  readonly #directory: string;
  #kept: { readonly publication: string; readonly files: AccountFiles } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where the authority of the cluster is. */
  get caFile(): string {
    return `${this.#directory}/ca.crt`;
  }

  /**
   * One `readlink` where nothing was published since the last read.
   * @param again reads the files whatever the link says
   * @throws {SecretError} UNAUTHENTICATED `service-account`
   */
  read(again = false): AccountFiles {
    for (let round = 0; round < mostRounds; round++) {
      const publication = this.#publication();
      if (!again && publication !== undefined && this.#kept?.publication === publication) return this.#kept.files;
      const files = this.#readAll(publication);
      // Turned meanwhile: the old directory may be half gone.
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
      // Plain files, as tools for developers make them.
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

/** A kubelet publishes once a minute at most. */
const mostRounds = 20;

function textOf(file: string): string | undefined {
  try {
    return readTextNow(file);
  } catch {
    return undefined;
  }
}
