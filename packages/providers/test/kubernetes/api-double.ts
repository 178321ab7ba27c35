import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createOpenServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "../http-fixture.ts";
import { type ApiRequest, parseApiRequest } from "./api-double-request.ts";
import { ApiStore, type StoredEvent, type StoredSecret } from "./api-store.ts";

/** What a rule decides about. */
export type Question = Pick<ApiRequest, "resource" | "namespace" | "name"> & { readonly verb: string };

/** An answer that takes the place of the usual one. */
export interface Override {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Watcher {
  readonly request: ApiRequest;
  readonly response: ServerResponse;
}

/** An API server that speaks the part of Kubernetes that this provider uses, over real sockets, and can be made to fail. */
export class ApiDouble {
  readonly store: ApiStore = new ApiStore((event) => this.#publish(event));
  /** Every request that had a good login, in order. */
  readonly requests: ApiRequest[] = [];
  readonly tokens: Set<string> = new Set();
  readonly watchers: Set<Watcher> = new Set();
  /** Whether this identity may; like access rules, it looks at each request anew. */
  allows: (question: Question) => boolean = () => true;
  /** Takes the place of an answer. */
  override: (request: ApiRequest) => Override | undefined = () => undefined;
  /** Takes requests and answers none. */
  isStalled = false;
  /** Whether it has read its access rules; it denies everything until then. */
  isReady = true;
  /** How often a login was refused. */
  refusals = 0;
  /** Wall time of the Date header. */
  now: (() => Date) | undefined;
  readonly tokenSeconds: number[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiters = new Set<() => void>();
  #port = 0;

  constructor(certificate?: Certificate) {
    const handle = (message: IncomingMessage, response: ServerResponse): void => void this.#handle(message, response);
    this.#server = certificate === undefined ? createOpenServer(handle) : createServer(certificate, handle);
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return this.#port;
  }

  /** How often a Secret was asked for. */
  get reads(): number {
    return this.requests.filter(({ resource }) => resource === "secrets").length;
  }

  /** Starts, or comes back at the same port. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Resolves as soon as something holds; looked at after each request, and when a watch begins or ends. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.add(resolve);
      await promise;
    }
  }

  /** Resolves when that many watches are open. */
  watching(count = 1): Promise<void> {
    return this.until(() => this.watchers.size === count);
  }

  /** Sends a line to every open watch; what is no event either. */
  say(line: unknown): void {
    const text = typeof line === "string" ? line : `${JSON.stringify(line)}\n`;
    for (const { response } of this.watchers) response.write(text);
  }

  bookmark(): void {
    this.say({ type: "BOOKMARK", object: { kind: "Secret", metadata: { resourceVersion: `${this.store.version}` } } });
  }

  /** Ends every watch as its time does. */
  endWatches(): void {
    for (const { response } of this.watchers) response.end();
  }

  /** Breaks every watch off, in the middle of a line if one is given. */
  resetWatches(half?: string): void {
    for (const { response } of this.watchers) {
      // Below TLS, which has no way to reset.
      const port = response.socket?.remotePort;
      const below = [...this.#sockets].find(({ remotePort }) => remotePort === port);
      const reset = (): void => void below?.resetAndDestroy();
      if (half === undefined) reset();
      else response.write(half, reset);
    }
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const chunk of message) body.push(chunk as Buffer);
    if (this.now !== undefined) response.setHeader("date", this.now().toUTCString());
    const request = parseApiRequest(message, Buffer.concat(body).toString());
    const isKnown = this.tokens.has(request.token);
    if (isKnown) this.requests.push(request);
    else this.refusals += 1;
    if (!this.isStalled) this.#answer(isKnown, request, response);
    this.#wake();
  }

  #answer(isKnown: boolean, request: ApiRequest, response: ServerResponse): void {
    const override = this.override(request);
    if (override !== undefined) response.writeHead(override.status, { ...override.headers }).end(override.body);
    else if (!isKnown) status(response, 401, "Unauthorized");
    else if (request.resource === "readyz") response.writeHead(this.isReady ? 200 : 500).end();
    else if (!this.isReady) status(response, 403, "Forbidden");
    else if (request.resource === "selfsubjectaccessreviews") this.#review(request, response);
    else if (!this.allows(request)) status(response, 403, "Forbidden");
    else if (request.resource === "serviceaccounts/token") this.#issue(request, response);
    else if (request.verb === "watch") this.#watch(request, response);
    else if (request.verb === "list") this.#list(request, response);
    else {
      const secret = this.store.get(request.namespace, request.name ?? "");
      if (secret === undefined) status(response, 404, "NotFound");
      else json(response, 200, secret);
    }
  }

  #review({ body }: ApiRequest, response: ServerResponse): void {
    const { resourceAttributes: asked } = (body as { spec: { resourceAttributes: Record<string, string> } }).spec;
    const { verb = "", resource = "", subresource, namespace = "*", name } = asked;
    const question = { verb, resource: subresource ? `${resource}/${subresource}` : resource, namespace, name };
    json(response, 201, { kind: "SelfSubjectAccessReview", status: { allowed: this.allows(question) } });
  }

  #issue({ body, name }: ApiRequest, response: ServerResponse): void {
    const { audiences = ["api"], expirationSeconds = 3600 } = (
      body as { spec: { audiences?: string[]; expirationSeconds?: number } }
    ).spec;
    if (name === "absent") return status(response, 404, "NotFound");
    this.tokenSeconds.push(expirationSeconds);
    const issuedAt = this.now?.() ?? new Date(Date.parse("2026-01-01T00:00:00Z"));
    const expirationTimestamp = new Date(issuedAt.getTime() + expirationSeconds * 1000).toISOString();
    const token = `s3cret-fixture-token-${name}-${audiences.join("+")}-${this.tokenSeconds.length}`;
    json(response, 201, { kind: "TokenRequest", status: { token, expirationTimestamp } });
  }

  #list(request: ApiRequest, response: ServerResponse): void {
    const { limit = "500", continue: from = "0" } = request.query;
    const all = this.store.list(request.namespace, (secret) => matches(request, secret));
    const [start, end] = [Number(from), Number(from) + Number(limit)];
    const isPartial = /as=PartialObjectMetadataList/.test(request.accept);
    const items = all
      .slice(start, end)
      .map(({ metadata, ...rest }) => (isPartial ? { metadata } : { metadata, ...rest }));
    const metadata = { resourceVersion: `${this.store.version}`, ...(end < all.length && { continue: `${end}` }) };
    json(response, 200, { kind: isPartial ? "PartialObjectMetadataList" : "SecretList", metadata, items });
  }

  #watch(request: ApiRequest, response: ServerResponse): void {
    const { resourceVersion } = request.query;
    const from = Number(resourceVersion);
    response.writeHead(200, { "content-type": "application/json;stream=watch" }).flushHeaders();
    const watcher = { request, response };
    this.watchers.add(watcher);
    response.once("close", () => {
      this.watchers.delete(watcher);
      this.#wake();
    });
    if (resourceVersion === undefined) {
      const all = this.store.list(request.namespace, (secret) => matches(request, secret));
      for (const object of all) send(watcher, "ADDED", object);
    } else if (this.store.isCompacted(from)) {
      response.end(`${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410 } })}\n`);
    } else {
      for (const event of this.store.events) if (event.version > from) this.#deliver(watcher, event);
    }
  }

  #publish(event: StoredEvent): void {
    for (const watcher of this.watchers) this.#deliver(watcher, event);
  }

  /** What enters or leaves a selection is added or deleted for who watches that. */
  #deliver(watcher: Watcher, { type, object, before }: StoredEvent): void {
    if (object.metadata.namespace !== watcher.request.namespace) return;
    const is = type !== "DELETED" && matches(watcher.request, object);
    const was = before !== undefined && matches(watcher.request, before);
    if (is || was) send(watcher, is ? (was ? "MODIFIED" : "ADDED") : "DELETED", object);
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

function matches({ query }: ApiRequest, { metadata }: StoredSecret): boolean {
  const { fieldSelector, labelSelector } = query;
  if (fieldSelector !== undefined && fieldSelector !== `metadata.name=${metadata.name}`) return false;
  const [key = "", value] = labelSelector?.split("=") ?? [];
  return labelSelector === undefined || metadata.labels?.[key] === value;
}

function send({ response }: Watcher, type: StoredEvent["type"], object: StoredSecret): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The message quotes, as a hostile or careless server may. */
function status(response: ServerResponse, code: number, reason: string): void {
  json(response, code, {
    kind: "Status",
    status: "Failure",
    code,
    reason,
    message: `s3cret-fixture-of-a-message ${reason}`,
  });
}
