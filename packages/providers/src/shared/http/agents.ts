import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from "node:https";
import type { SecureContext } from "node:tls";
import type { HttpTls } from "./client.ts";
import { type AgentTarget, proxyOf } from "./proxy-address.ts";
import { secureContext } from "./tls-material.ts";

/** The package hpagent, which is loaded only for a client with a proxy. */
export type ProxyAgents = typeof import("hpagent");

/** Loads hpagent if there is a proxy. @throws {SecretError} INVALID_CONFIG `invalid` for a proxy that is not an http or https URL */
export async function loadProxyAgents(target: AgentTarget): Promise<ProxyAgents | undefined> {
  return proxyOf(target) === undefined ? undefined : await import("hpagent");
}

/** The keep-alive pool of one client. It is not shared, so that closing it affects no other client. */
export class HttpAgents {
  readonly #target: AgentTarget;
  readonly #proxy: URL | undefined;
  readonly #proxyAgents: ProxyAgents | undefined;
  #tls: HttpTls = {};
  #agent: HttpAgent | undefined;

  /** @param proxyAgents the result of `loadProxyAgents` for the same target */
  constructor(target: AgentTarget, proxyAgents: ProxyAgents | undefined) {
    this.#target = target;
    this.#proxyAgents = proxyAgents;
    this.#proxy = proxyAgents === undefined ? undefined : proxyOf(target);
  }

  /** Whether requests go through a proxy. */
  get proxied(): boolean {
    return this.#proxy !== undefined;
  }

  /** Returns the agent for connections with this TLS material; a new one if the material has changed. @throws {SecretError} UNAVAILABLE `tls` */
  agent(tls: HttpTls): HttpAgent {
    if (this.#agent !== undefined && isSame(this.#tls, tls)) return this.#agent;
    // Invalid material, such as a partly written file, throws here, before the current agent is replaced.
    const agent = this.#open(tls);
    if (this.#agent !== undefined) retire(this.#agent);
    this.#tls = tls;
    this.#agent = agent;
    return agent;
  }

  /**
   * Binds the next CONNECT request of an agent to a signal; otherwise a proxy that never answers it would keep its socket for
   * ever. The agent reads its options synchronously when a request is opened, so they can be set just before.
   */
  tie(agent: HttpAgent, signal: AbortSignal): void {
    if (!this.proxied) return;
    const tied = agent as { proxyRequestOptions?: object };
    tied.proxyRequestOptions = { ...tied.proxyRequestOptions, signal };
  }

  /** Closes idle sockets, so that the next request opens a connection. */
  dropIdle(): void {
    if (this.#agent !== undefined) dropIdle(this.#agent);
  }

  /** Destroys every socket, in use or not. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #open(tls: HttpTls): HttpAgent {
    const secure = this.#target.url.protocol === "https:" ? tlsOptions(tls) : undefined;
    const proxy = this.#proxy;
    if (proxy === undefined || this.#proxyAgents === undefined) {
      return secure === undefined ? new HttpAgent(pooling) : new HttpsAgent({ ...pooling, ...secure });
    }
    // hpagent would resolve "[::1]" with the brackets.
    const hostname = proxy.hostname.replace(/^\[|\]$/g, "");
    const proxyRequestOptions = {
      hostname,
      rejectUnauthorized: true,
      ...(proxy.protocol === "https:" && { secureContext: secureContext({ ca: tls.ca, names: tls.names }) }),
    };
    const options = { ...pooling, ...secure, proxy, proxyRequestOptions };
    const { HttpProxyAgent, HttpsProxyAgent } = this.#proxyAgents;
    return secure === undefined ? new HttpProxyAgent(options) : new HttpsProxyAgent(options);
  }
}

/** Only idle sockets are limited: a store may need hundreds of open watches, and core limits the reads. */
const pooling: AgentOptions = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 16 };

function tlsOptions(tls: HttpTls): HttpsAgentOptions & { readonly secureContext: SecureContext } {
  return {
    secureContext: secureContext(tls),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    // Always set, because NODE_TLS_REJECT_UNAUTHORIZED determines the default.
    rejectUnauthorized: tls.verify !== false,
    ALPNProtocols: ["http/1.1"],
  };
}

function isSame(one: HttpTls, other: HttpTls): boolean {
  const parts = (tls: HttpTls): HttpTls[keyof HttpTls][] => [
    tls.ca,
    tls.certificate,
    tls.key,
    tls.serverName,
    tls.verify,
  ];
  const others = parts(other);
  return parts(one).every((part, index) => part === others[index] || areSameBytes(part, others[index]));
}

function areSameBytes(one: HttpTls[keyof HttpTls], other: HttpTls[keyof HttpTls]): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array && Buffer.from(one).equals(other);
}

/** Retires an agent: idle sockets close now, the others after their request, so that no new request uses the former certificates. */
function retire(agent: HttpAgent): void {
  Object.assign(agent, { keepSocketAlive: () => false });
  dropIdle(agent);
}

function dropIdle(agent: HttpAgent): void {
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}
