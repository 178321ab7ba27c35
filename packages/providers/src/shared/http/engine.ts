import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Axios, type AxiosResponse, type InternalAxiosRequestConfig } from "axios";
import { HttpAgents, type ProxyAgents } from "./agents.ts";
import type { HttpCall } from "./call.ts";
import type { Dispatch } from "./dispatch.ts";
import { malformedFailure, timeoutFailure } from "./failure.ts";
import { networkFailure, proxyFailure } from "./network-failure.ts";
import type { AgentTarget } from "./proxy-address.ts";

/** The deadlines before the head of a response, in milliseconds. */
interface EngineLimits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** The destination of an engine's requests. */
export interface EngineTarget extends AgentTarget {
  readonly socketPath: string | undefined;
}

/** The connection of one attempt, as far as it is known. */
interface Attempt {
  request?: ClientRequest;
  socket?: Socket;
  bytesBefore: number;
}

/** The input of one attempt besides its axios config. */
interface Sending {
  readonly dispatch: Dispatch;
  readonly call: HttpCall;
  readonly attempt: Attempt;
  readonly agent: HttpAgent;
}

/**
 * Sends requests with the core of axios, and its own transport and agents. The first call loads this file, the only one that
 * loads axios; the packages contain only the core of axios.
 */
export class HttpEngine {
  readonly #socketPath: string | undefined;
  readonly #url: URL;
  readonly #agents: HttpAgents;
  // A separate instance shares no defaults and interceptors with axios in the application: its headers do not get into our
  // requests, nor our tokens into its logs.
  readonly #axios = new Axios({});
  readonly #limits: EngineLimits;

  constructor(target: EngineTarget, proxyAgents: ProxyAgents | undefined, limits: EngineLimits) {
    this.#url = target.url;
    this.#socketPath = target.socketPath;
    this.#agents = new HttpAgents(target, proxyAgents);
    this.#limits = limits;
  }

  /**
   * Sends a request and resolves with the head of its response; the caller reads the body. A replayable request that fails on a
   * reused socket before any byte of a response is sent once more over a new connection: the server had closed the idle one.
   * @throws {SecretError} UNAVAILABLE, or INTERNAL for a malformed response; what stopped the call
   */
  async send(dispatch: Dispatch, call: HttpCall): Promise<IncomingMessage> {
    const attempt: Attempt = { bytesBefore: 0 };
    try {
      return await this.#attempt(dispatch, call, attempt);
    } catch (error) {
      const { request, socket, bytesBefore } = attempt;
      const isStale = request?.reusedSocket === true && socket?.bytesRead === bytesBefore;
      if (call.outcome !== undefined || !isStale || !dispatch.replayable)
        throw this.#failure(error, dispatch, call, attempt);
    }
    this.#agents.dropIdle();
    const replay: Attempt = { bytesBefore: 0 };
    try {
      return await this.#attempt(dispatch, call, replay);
    } catch (error) {
      throw this.#failure(error, dispatch, call, replay);
    }
  }

  /** Destroys every socket. */
  close(): void {
    this.#agents.close();
  }

  async #attempt(dispatch: Dispatch, call: HttpCall, attempt: Attempt): Promise<IncomingMessage> {
    const { label } = dispatch;
    const { connectTimeoutMs } = this.#limits;
    const agent = this.#agents.agent(dispatch.tls);
    call.within("connect", connectTimeoutMs, () =>
      timeoutFailure(label, `got no connection within ${connectTimeoutMs} ms`),
    );
    const answer = this.#axios.request<IncomingMessage>({
      adapter: (config) => this.#exchange(config, { dispatch, call, attempt, agent }),
      method: label.method,
      url: dispatch.target,
      // `false` prevents axios from setting the content type of a form on requests without a body.
      headers: { "content-type": false, ...dispatch.headers },
      ...(dispatch.body !== undefined && { data: dispatch.body }),
    });
    const { data } = await Promise.race([answer, call.stopped]);
    call.met("silence");
    return data;
  }

  /** Replaces the transport of axios: it follows no redirects, decodes no body, and reads no proxy from the environment. */
  #exchange(config: InternalAxiosRequestConfig, sending: Sending): Promise<AxiosResponse<IncomingMessage>> {
    return new Promise((resolve, reject) => {
      const request = this.#open(config, sending, (data) =>
        resolve({ data, status: data.statusCode ?? 0, statusText: "", headers: {}, config, request }),
      );
      // The listener stays after the response: later errors of the connection reach the reader of the body.
      request.on("error", reject);
      request.end(config.data);
    });
  }

  /** Opens the request that axios has prepared, and binds it to the call. */
  #open(
    { method, url, headers, data }: InternalAxiosRequestConfig,
    { dispatch, call, attempt, agent }: Sending,
    onAnswer: (message: IncomingMessage) => void,
  ): ClientRequest {
    if (call.outcome !== undefined) throw call.outcome.error;
    const tunnel = new AbortController();
    this.#agents.tie(agent, tunnel.signal);
    const open = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
    if (data !== undefined) headers.setContentLength((data as Buffer).length);
    const options: RequestOptions = {
      agent,
      method: method?.toUpperCase(),
      path: url,
      headers: headers.toJSON() as OutgoingHttpHeaders,
      ...(this.#socketPath === undefined
        ? { host: this.#url.hostname.replace(/^\[|\]$/g, ""), port: this.#url.port }
        : { socketPath: this.#socketPath }),
    };
    const request = open(options, (message) => {
      // Prevents an uncaught error before the body is read.
      message.on("error", () => undefined);
      call.hold(() => message.destroy());
      onAnswer(message);
    });
    request.once("upgrade", (_message, socket: Socket) => {
      socket.destroy();
      call.stop(malformedFailure(dispatch.label, "a switch to another protocol"));
    });
    attempt.request = request;
    call.hold(() => {
      tunnel.abort();
      request.destroy();
    });
    request.once("socket", (socket: Socket) => {
      attempt.socket = socket;
      attempt.bytesBefore = socket.bytesRead;
      if (!dispatch.holdsProcess) socket.unref();
      whenConnected(socket, request, () => this.#connected(dispatch, call));
    });
    return request;
  }

  #connected({ label }: Dispatch, call: HttpCall): void {
    const { idleTimeoutMs } = this.#limits;
    call.met("connect");
    // Bytes of an incomplete head do not restart this deadline.
    call.within("silence", idleTimeoutMs, () => timeoutFailure(label, `got no answer within ${idleTimeoutMs} ms`));
  }

  #failure(error: unknown, { label }: Dispatch, call: HttpCall, { request, socket }: Attempt): unknown {
    const isTunnel = this.#agents.proxied && request !== undefined && socket === undefined;
    return call.failure(error, (cause) => (isTunnel ? proxyFailure(label, cause) : networkFailure(label, cause)));
  }
}

/** Calls back when the request can be sent, which with TLS is after the handshake. */
function whenConnected(socket: Socket, request: ClientRequest, callback: () => void): void {
  const isSecure = (socket as Partial<TLSSocket>).encrypted === true;
  if (request.reusedSocket || (!isSecure && !socket.connecting)) callback();
  else socket.once(isSecure ? "secureConnect" : "connect", callback);
}
