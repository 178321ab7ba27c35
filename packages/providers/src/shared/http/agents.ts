import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from "node:https";
import type { SecureContext } from "node:tls";
import type { HttpTls } from "./client.ts";
import { type AgentTarget, proxyOf } from "./proxy-address.ts";
import { secureContext } from "./tls-material.ts";

/** The agents of hpagent, which load where there is a proxy. */
export type ProxyAgents = typeof import("hpagent");

/** @throws {SecretError} INVALID_CONFIG `invalid` for a proxy that does not speak HTTP */
export async function loadProxyAgents(target: AgentTarget): Promise<ProxyAgents | undefined> {
  return proxyOf(target) === undefined ? undefined : await import("hpagent");
}

/** The keep-alive pool of one client: its own, so that closing it closes every socket and nobody else's. */
export class HttpAgents {
  readonly #target: AgentTarget;
  readonly #proxy: URL | undefined;
  readonly #proxyAgents: ProxyAgents | undefined;
  #tls: HttpTls = {};
  #agent: HttpAgent | undefined;

  /** @param proxyAgents of `loadProxyAgents` for the same target */
  constructor(target: AgentTarget, proxyAgents: ProxyAgents | undefined) {
    this.#target = target;
    this.#proxyAgents = proxyAgents;
    this.#proxy = proxyAgents === undefined ? undefined : proxyOf(target);
  }

  /** Whether a proxy stands between. */
  get proxied(): boolean {
    return this.#proxy !== undefined;
  }

  /** The agent for connections with this TLS material; a new one if it has changed since the last call. */
  agent(tls: HttpTls): HttpAgent {
    if (this.#agent !== undefined && isSame(this.#tls, tls)) return this.#agent;
    // Material that cannot be read, as a file that is half written, throws here and leaves everything as it was.
    const agent = this.#open(tls);
    if (this.#agent !== undefined) retire(this.#agent);
    this.#tls = tls;
    this.#agent = agent;
    return agent;
  }

  /**
   * Ties a tunnel that is about to be asked for to a signal. The agent asks synchronously, with the options that it has at
   * that moment; otherwise a proxy that never answers CONNECT would hold its socket for ever.
   */
  tie(agent: HttpAgent, signal: AbortSignal): void {
    if (!this.proxied) return;
    const tied = agent as { proxyRequestOptions?: object };
    tied.proxyRequestOptions = { ...tied.proxyRequestOptions, signal };
  }

  /** Closes what waits for a next request, so that the next request opens a connection. */
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
    // The library would look up "[::1]", brackets included.
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

/** No bound on sockets: a store may hold hundreds of watches open, and core bounds the reads. Idle ones need not be many. */
const pooling: AgentOptions = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 16 };

function tlsOptions(tls: HttpTls): HttpsAgentOptions & { readonly secureContext: SecureContext } {
  return {
    secureContext: secureContext(tls),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    // Never left to its default, which the variable NODE_TLS_REJECT_UNAUTHORIZED decides.
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

/** Requests under way keep their socket and close it; nothing new is sent with old certificates. */
function retire(agent: HttpAgent): void {
  Object.assign(agent, { keepSocketAlive: () => false });
  dropIdle(agent);
}

function dropIdle(agent: HttpAgent): void {
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}
