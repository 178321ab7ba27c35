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

/** Deadlines on the way to the head of an answer, in milliseconds. */
interface EngineLimits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** Where the requests of an engine lead. */
export interface EngineTarget extends AgentTarget {
  readonly socketPath: string | undefined;
}

/** What one attempt has seen of its connection. */
interface Attempt {
  request?: ClientRequest;
  socket?: Socket;
  bytesBefore: number;
}

/** What one attempt needs beside its config. */
interface Sending {
  readonly dispatch: Dispatch;
  readonly call: HttpCall;
  readonly attempt: Attempt;
  readonly agent: HttpAgent;
}

/**
 * Sends requests through the request core of axios over a transport and agents of its own. The only file that loads axios,
 * of which the packages hold that core alone; itself loaded by the first call.
 */
export class HttpEngine {
  readonly #socketPath: string | undefined;
  readonly #url: URL;
  readonly #agents: HttpAgents;
  // An Axios of its own shares neither defaults nor interceptors with the application's: no header of theirs gets into
  // our requests, and no token of ours into their logs.
  readonly #axios = new Axios({});
  readonly #limits: EngineLimits;

  constructor(target: EngineTarget, proxyAgents: ProxyAgents | undefined, limits: EngineLimits) {
    this.#url = target.url;
    this.#socketPath = target.socketPath;
    this.#agents = new HttpAgents(target, proxyAgents);
    this.#limits = limits;
  }

  /**
   * Sends a request and answers with its head; the body is still to be read. A request that dies on a reused socket before
   * any byte of an answer met a server that had closed the idle connection: it is sent once more, over a new one.
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
      // `false` keeps axios from declaring a form where there is no body.
      headers: { "content-type": false, ...dispatch.headers },
      ...(dispatch.body !== undefined && { data: dispatch.body }),
    });
    const { data } = await Promise.race([answer, call.stopped]);
    call.met("silence");
    return data;
  }

  /** The transport in the place of axios' own: it follows nothing, decodes nothing, and takes no proxy from the environment. */
  #exchange(config: InternalAxiosRequestConfig, sending: Sending): Promise<AxiosResponse<IncomingMessage>> {
    return new Promise((resolve, reject) => {
      const request = this.#open(config, sending, (data) =>
        resolve({ data, status: data.statusCode ?? 0, statusText: "", headers: {}, config, request }),
      );
      // Stays for good: what befalls the connection later is told to whoever reads the body.
      request.on("error", reject);
      request.end(config.data);
    });
  }

  /** Opens the request that axios has put together, and watches over it from its first moment. */
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
      // Until somebody reads the body, nobody else listens.
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
    // Bytes of an unfinished head do not count: a server that drips its head is as good as a silent one.
    call.within("silence", idleTimeoutMs, () => timeoutFailure(label, `got no answer within ${idleTimeoutMs} ms`));
  }

  #failure(error: unknown, { label }: Dispatch, call: HttpCall, { request, socket }: Attempt): unknown {
    const isTunnel = this.#agents.proxied && request !== undefined && socket === undefined;
    return call.failure(error, (cause) => (isTunnel ? proxyFailure(label, cause) : networkFailure(label, cause)));
  }
}

/** Connected means that the request can be sent: over TLS, after the handshake, which takes more than one turn of the event loop. */
function whenConnected(socket: Socket, request: ClientRequest, callback: () => void): void {
  const isSecure = (socket as Partial<TLSSocket>).encrypted === true;
  if (request.reusedSocket || (!isSecure && !socket.connecting)) callback();
  else socket.once(isSecure ? "secureConnect" : "connect", callback);
}
