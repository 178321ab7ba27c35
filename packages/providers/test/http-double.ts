import { once } from "node:events";
import { createServer as createOpenServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from "node:net";
import type { Duplex } from "node:stream";
import type { ConformanceHarness, Undo } from "@tacit/core/conformance";

/** An answer of a double. An object is sent as JSON, text and bytes as they are; without a status it is 200, or 204 without a body. */
export interface DoubleAnswer {
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: object | string | Uint8Array | undefined;
}

/**
 * The server that the double of every store stands on: real sockets, TLS where a certificate is given, a log of requests, and
 * faults that a test switches on and off. A double adds how a request is read and what the store answers.
 */
export abstract class HttpDouble<Request> {
  /** Every request, in order. */
  readonly requests: Request[] = [];
  /** Takes the place of an answer. */
  override: (request: Request) => DoubleAnswer | undefined = () => undefined;
  /** Writes the answer itself, byte by byte if it has to; true where it has. */
  writes: (request: Request, response: ServerResponse) => boolean = () => false;
  /** Holds an answer that is ready until the promise resolves. */
  holds: (request: Request) => Promise<void> | undefined = () => undefined;
  /** Whether a request is carried out and its answer then lost with the connection. */
  loses: (request: Request) => boolean = () => false;
  /** Takes requests and answers none. */
  isStalled = false;
  /** Takes connections and reads nothing from them, not even a TLS handshake. */
  isHalfOpen = false;
  /** Whether new logins are refused. */
  refusesLogins = false;
  /** The wall time of the Date header. */
  now: (() => number) | undefined;
  readonly scheme: "http" | "https";
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  readonly #open = new Set<Socket>();
  readonly #server: Server;
  readonly #listener: SocketServer;
  readonly #waiters = new Set<() => void>();
  #connections = 0;
  #port = 0;

  constructor(secure?: ServerOptions) {
    const handle = (message: IncomingMessage, response: ServerResponse): void => void this.#handle(message, response);
    const server = secure === undefined ? createOpenServer(handle) : createSecureServer(secure, handle);
    this.scheme = secure === undefined ? "http" : "https";
    this.sockets = this.#open;
    this.#server = server;
    // A client that gives up within the handshake is no fault of the double.
    server.on("tlsClientError", () => undefined);
    this.#listener = createSocketServer((socket) => this.#take(socket, server));
  }

  get port(): number {
    return this.#port;
  }

  /** Scheme, host and port. */
  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.#port}`;
  }

  /** How many connections it has ever taken. */
  get connections(): number {
    return this.#connections;
  }

  /** Ends the login of every client at the store; absent where a store knows no logins. */
  expireLogins?(): void;

  /** Starts, or comes back at the same port. @param at the path of a socket, or a port to begin with @param host an address of this machine alone */
  async listen(at: string | number = this.#port, host = "127.0.0.1"): Promise<void> {
    if (typeof at === "number") this.#listener.listen(at, host);
    else this.#listener.listen(at);
    await once(this.#listener, "listening");
    const address = this.#listener.address();
    if (typeof address === "object") this.#port = (address as AddressInfo).port;
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  /** Resolves as soon as something holds; looked at after each request and whenever the double says `wake`. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.add(resolve);
      await promise;
    }
  }

  /** Resets the connection of a response, below TLS, which has no way to. */
  reset({ socket }: ServerResponse | IncomingMessage): void {
    const port = socket?.remotePort;
    [...this.#open].find(({ remotePort }) => remotePort === port)?.resetAndDestroy();
  }

  /** Reads a request as the store does. */
  protected abstract parse(message: IncomingMessage, body: string): Request;

  /** The answer of the store; undefined where the double has written the response itself, as a stream. */
  protected abstract answer(
    request: Request,
    response: ServerResponse,
  ): DoubleAnswer | undefined | Promise<DoubleAnswer | undefined>;

  /** Whether a request is kept in the log. */
  protected isLogged(_request: Request): boolean {
    return true;
  }

  /** Sent with each answer. */
  protected headersFor(_request: Request): Readonly<Record<string, string>> {
    return {};
  }

  /** Has requests for another protocol, such as a WebSocket, answered by somebody else. */
  protected onUpgrade(answer: (message: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
    this.#server.on("upgrade", answer);
  }

  /** Has everybody look again who waits in `until`. */
  protected wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  #take(socket: Socket, server: Server): void {
    this.#connections += 1;
    this.#open.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#open.delete(socket));
    if (!this.isHalfOpen) server.emit("connection", socket);
    this.wake();
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(message);
    if (body === undefined) return;
    const request = this.parse(message, body);
    if (this.isLogged(request)) this.requests.push(request);
    if (!this.isStalled) await this.#respond(request, response);
    this.wake();
  }

  async #respond(request: Request, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.headersFor(request))) response.setHeader(name, value);
    if (this.now !== undefined) response.setHeader("date", new Date(this.now()).toUTCString());
    if (this.writes(request, response)) return;
    const answer = this.override(request) ?? (await this.answer(request, response));
    const held = this.holds(request);
    if (held !== undefined) {
      this.wake();
      await held;
    }
    if (this.loses(request)) response.socket?.destroy();
    else if (answer !== undefined) send(answer, response);
  }
}

/** The faults that every double can be put into, as the verbs of a conformance harness. */
export type DoubleFaults = Required<Pick<ConformanceHarness, "sever" | "stall" | "throttle" | "deny" | "corrupt">> &
  Pick<ConformanceHarness, "breakPath" | "expireLogin">;

/** What a store answers in its own words, for the faults of one secret. */
export interface FaultWords<Request> {
  /** Whether a request is about the secret at a path of the harness. */
  concerns(path: string, request: Request): boolean;
  readonly denied: DoubleAnswer;
  /** Something that is no secret of this store. */
  readonly corrupted: DoubleAnswer;
  /** That it cannot read this secret, while it serves the others; absent where a store never says so. */
  readonly broken?: DoubleAnswer;
  /** The body of a 429. */
  readonly throttled?: DoubleAnswer["body"];
}

/** Makes the verbs of a conformance harness from a double; a harness replaces those that its store can do in a way of its own. */
export function faultsOf<Request>(
  double: HttpDouble<Request>,
  { concerns, denied, corrupted, broken, throttled }: FaultWords<Request>,
): DoubleFaults {
  const overriding = (answer: DoubleAnswer, isMeant: (request: Request) => boolean): Undo => {
    double.override = (request) => (isMeant(request) ? answer : undefined);
    return async () => {
      double.override = () => undefined;
    };
  };
  return {
    deny: async (path) => overriding(denied, (request) => concerns(path, request)),
    corrupt: async (path) => overriding(corrupted, (request) => concerns(path, request)),
    throttle: async (retryAfterMs) =>
      overriding({ status: 429, headers: { "retry-after": `${retryAfterMs / 1000}` }, body: throttled }, () => true),
    async sever() {
      await double.close();
      return () => double.listen();
    },
    async stall() {
      double.isStalled = true;
      return async () => {
        double.isStalled = false;
      };
    },
    ...(broken !== undefined && {
      breakPath: async (path: string) => overriding(broken, (request) => concerns(path, request)),
    }),
    ...(double.expireLogins !== undefined && {
      expireLogin: (o: { readonly refuse?: boolean } = {}) => endLogins(double, o.refuse === true),
    }),
  };
}

/** Undefined where the client has gone before its request was whole. */
async function textOf(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } catch {
    return undefined;
  }
}

function send({ status, headers, body }: DoubleAnswer, response: ServerResponse): void {
  const isJson = typeof body === "object" && !(body instanceof Uint8Array);
  response.writeHead(status ?? (body === undefined ? 204 : 200), {
    ...(body !== undefined && { "content-type": "application/json" }),
    ...headers,
  });
  response.end(isJson ? JSON.stringify(body) : body);
}

/** Ends the logins at a store. With `refuses`, it grants no other until the returned function is called. */
export async function endLogins<Request>(double: HttpDouble<Request>, refuses: boolean): Promise<() => Promise<void>> {
  double.refusesLogins = refuses;
  double.expireLogins?.();
  return async () => {
    double.refusesLogins = false;
  };
}
