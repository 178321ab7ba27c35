import { once } from "node:events";
import { createServer as createOpenServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { EventsDouble } from "./double/events.ts";
import type { DoubleKv1, DoubleKv2 } from "./double/kv.ts";
import {
  type DoubleAnswer,
  type DoubleHandler,
  type DoubleRequest,
  envelope,
  parseDoubleRequest,
  refusal,
} from "./double/request.ts";
import { DoubleTokens } from "./double/tokens.ts";

/** What a node is, by the status of its sys/health. */
const healthStatus = {
  active: 200,
  standby: 429,
  "dr-secondary": 472,
  "performance-standby": 473,
  uninitialized: 501,
  sealed: 503,
  removed: 530,
};

/** A Vault that speaks the part of its API that this provider uses, over real sockets, and can be made to fail. */
export class VaultDouble {
  readonly tokens: DoubleTokens;
  readonly mounts: Map<string, DoubleKv1 | DoubleKv2> = new Map();
  /** Asked for a request that needs no token, such as a login. */
  readonly open: DoubleHandler[] = [];
  /** Asked for a request whose token is good and allowed, before the KV mounts: other engines, leases. */
  readonly engines: DoubleHandler[] = [];
  /** Every request, in order. */
  readonly requests: DoubleRequest[] = [];
  state: keyof typeof healthStatus = "active";
  /** What policies allow. */
  allows: (request: DoubleRequest) => boolean = () => true;
  /** Of the token, for a path. */
  capabilities: (path: string) => readonly string[] = () => ["read"];
  /** Takes the place of an answer. */
  override: (request: DoubleRequest) => DoubleAnswer | undefined = () => undefined;
  /** Whether a request is carried out and its answer then lost with the connection. */
  loses: (request: DoubleRequest) => boolean = () => false;
  /** Until when an answer that is ready is held back. */
  holds: (request: DoubleRequest) => Promise<void> | undefined = () => undefined;
  /** The token that an Agent on the way adds; undefined where it has none. */
  agentToken: string | undefined;
  /** Takes requests and answers none. */
  isStalled = false;
  /** The only namespace that has mounts; undefined for the root. */
  namespace: string | undefined;
  /** Where a standby leads, such as `http://127.0.0.1:8200`. */
  redirectTo: string | undefined;
  /** Sent with each answer to a write. */
  index: string | undefined;
  /** How many more reads with an index meet a node that has not caught up. */
  lagging = 0;
  /** Wall time of the Date header. */
  now: () => number;
  readonly events: EventsDouble;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiters = new Set<() => void>();
  #port = 0;

  /** @param clock by which tokens end */
  constructor(clock: { now(): number }, secure?: ServerOptions) {
    this.tokens = new DoubleTokens(() => clock.now());
    this.now = () => clock.now();
    const handle = (message: IncomingMessage, response: ServerResponse): void => void this.#handle(message, response);
    this.#server = secure === undefined ? createOpenServer(handle) : createServer(secure, handle);
    this.events = new EventsDouble(() => this.#wake());
    this.#server.on("upgrade", this.events.upgrade);
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return this.#port;
  }

  /** How often a path was asked. */
  count(path: string | RegExp): number {
    const asked = this.requests.filter((request) =>
      typeof path === "string" ? request.path === path : path.test(request.path),
    );
    return asked.length;
  }

  /** Starts, or comes back at the same port. */
  async listen(socketPath?: string): Promise<void> {
    if (socketPath === undefined) this.#server.listen(this.#port, "127.0.0.1");
    else this.#server.listen(socketPath);
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address === "object") this.#port = (address as AddressInfo).port;
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Resolves as soon as something holds; looked at after each request. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.add(resolve);
      await promise;
    }
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const text: Buffer[] = [];
    for await (const chunk of message) text.push(chunk as Buffer);
    const request = parseDoubleRequest(message, Buffer.concat(text).toString());
    this.requests.push(request);
    if (!this.isStalled) {
      const answer = await this.#answer(request);
      const held = this.holds(request);
      if (held !== undefined) {
        this.#wake();
        await held;
      }
      if (this.loses(request)) message.socket.destroy();
      else this.#send(answer, request, response);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  #send({ status, body, headers }: DoubleAnswer, { method }: DoubleRequest, response: ServerResponse): void {
    response.setHeader("date", new Date(this.now()).toUTCString());
    if (this.index !== undefined && method !== "GET") response.setHeader("x-vault-index", this.index);
    response.writeHead(status ?? (body === undefined ? 204 : 200), { "content-type": "application/json", ...headers });
    response.end(typeof body === "object" ? JSON.stringify(body) : body);
  }

  async #answer(request: DoubleRequest): Promise<DoubleAnswer> {
    const { path, headers, token = this.agentToken } = request;
    const override = this.override(request);
    if (override !== undefined) return override;
    if (headers["x-vault-request"] !== "true") return refusal(412, "missing 'X-Vault-Request' header");
    if (path === "sys/health") return this.#health(request);
    if (this.state === "sealed" || this.state === "removed") return refusal(503, "Vault is sealed");
    if (this.redirectTo !== undefined) return { status: 307, headers: { location: `${this.redirectTo}/v1/${path}` } };
    if (headers["x-vault-index"] !== undefined && this.lagging > 0) {
      this.lagging -= 1;
      return refusal(412, "required index state not present");
    }
    if (this.namespace !== request.namespace) return refusal(404, "no handler for route");
    const opened = await first(this.open, request);
    if (opened !== undefined) return opened;
    if (token === undefined || !this.tokens.isAlive(token)) return refusal(403, "permission denied");
    const answer = this.allows(request)
      ? await this.#authorized({ ...request, token })
      : refusal(403, "permission denied");
    this.tokens.use(token);
    return answer;
  }

  #health({ query, namespace }: DoubleRequest): DoubleAnswer {
    if (namespace !== undefined) return refusal(400, "unavailable in a namespace");
    const isForgiven =
      (this.state === "standby" && query.standbyok === "true") ||
      (this.state === "performance-standby" && query.perfstandbyok === "true");
    const body = {
      initialized: this.state !== "uninitialized",
      sealed: this.state === "sealed",
      standby: this.state === "standby",
      version: "1.14.1",
    };
    return { status: isForgiven ? 200 : healthStatus[this.state], body };
  }

  async #authorized(request: DoubleRequest): Promise<DoubleAnswer> {
    const { path, body } = request;
    const handled = this.tokens.handle(request) ?? (await first(this.engines, request));
    if (handled !== undefined) return handled;
    if (path.startsWith("sys/internal/ui/mounts/")) return this.#preflight(path.slice(23));
    if (path === "sys/capabilities-self") {
      const paths = body.paths as readonly string[];
      return {
        body: envelope(JSON.stringify(Object.fromEntries(paths.map((each) => [each, this.capabilities(each)])))),
      };
    }
    const [mount = "", kv] = this.#mountOf(path) ?? [];
    return kv?.handle(path.slice(mount.length + 1), request) ?? refusal(404, "no handler for route");
  }

  #preflight(path: string): DoubleAnswer {
    const [mount = "", kv] = this.#mountOf(path) ?? [];
    if (kv === undefined) return refusal(403, "preflight capability check returned 403");
    const prefix = this.namespace === undefined ? "" : `${this.namespace}/`;
    return { body: envelope(JSON.stringify({ path: `${prefix}${mount}/`, type: "kv", options: kv.options })) };
  }

  #mountOf(path: string): readonly [string, DoubleKv1 | DoubleKv2] | undefined {
    return [...this.mounts].find(([mount]) => `${path}/`.startsWith(`${mount}/`));
  }
}

async function first(handlers: readonly DoubleHandler[], request: DoubleRequest): Promise<DoubleAnswer | undefined> {
  for (const handler of handlers) {
    const answer = await handler(request);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
