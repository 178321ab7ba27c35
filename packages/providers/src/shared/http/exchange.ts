import type { IncomingMessage } from "node:http";
import type { CallContext, Clock, SecretError } from "@tacit/core/provider";
import { loadProxyAgents, type ProxyAgents } from "./agents.ts";
import { HttpAnswer, type HttpHeadParts } from "./answer.ts";
import { bodyChunks, bodyLines, wholeBody } from "./body.ts";
import { HttpCall } from "./call.ts";
import type { HttpClientOptions, HttpRequest, HttpStreamRequest } from "./client.ts";
import { type DispatchBase, toDispatch } from "./dispatch.ts";
import { type EngineTarget, HttpEngine } from "./engine.ts";
import { malformedFailure, type RequestLabel, statusFailure, timeoutFailure } from "./failure.ts";
import { userAgent } from "./headers.ts";
import { HttpLines } from "./lines.ts";
import { networkFailure } from "./network-failure.ts";

/** The default limit of a response. The largest secret of Kubernetes, 1 MiB, is 1.4 MiB as base64. */
const largestBytes = 2 * 1024 * 1024;
/** The body of an error is read up to this size, so that the connection can be reused. */
const drainedBytes = 64 * 1024;
/** The time for reading the body of an error. */
const drainMs = 1500;
/** The reason of a call that the consumer has ended; iteration ends without an error. */
const ended: unique symbol = Symbol("ended");

/** Performs the calls of one client; `createHttpClient` loads it with the first call. */
export class HttpExchange {
  readonly #base: DispatchBase;
  readonly #clock: Clock;
  readonly #engine: HttpEngine;
  readonly #calls = new Set<HttpCall>();
  readonly #host: string;
  readonly #tls: NonNullable<HttpClientOptions["tls"]>;
  readonly #limits: {
    readonly connectTimeoutMs: number;
    readonly idleTimeoutMs: number;
    readonly answerTimeoutMs: number;
  };
  #closedBy: SecretError | undefined;

  /** Creates an exchange, and loads the proxy agents if needed. @throws {SecretError} INVALID_CONFIG `invalid` for a proxy that is not an http or https URL */
  static async open(options: HttpClientOptions, url: URL, clock: Clock): Promise<HttpExchange> {
    const { socketPath, proxy = "none" } = options;
    const target = { url, socketPath, proxy: socketPath === undefined ? proxy : "none" };
    return new HttpExchange(options, target, await loadProxyAgents(target), clock);
  }

  private constructor(
    options: HttpClientOptions,
    target: EngineTarget,
    proxyAgents: ProxyAgents | undefined,
    clock: Clock,
  ) {
    const { url } = target;
    const { connectTimeoutMs = 5000, idleTimeoutMs = 8000, answerTimeoutMs = 9000 } = options;
    this.#base = { url, userAgent: userAgent(options.application) };
    this.#clock = clock;
    this.#host = options.socketPath === undefined ? url.host : "unix:";
    this.#tls = options.tls ?? (() => ({}));
    this.#limits = { connectTimeoutMs, idleTimeoutMs, answerTimeoutMs };
    this.#engine = new HttpEngine(target, proxyAgents, this.#limits);
  }

  /** Implements `HttpClient.request`. */
  async request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    const label = this.#label(request);
    const call = this.#begin(context, label);
    try {
      const message = await this.#send(request, { label, call, context, holdsProcess: true });
      if (endsWithConnection(message, label)) throw malformedFailure(label, "a body without a defined end");
      const chunks = bodyChunks(message, call, { label, idleTimeoutMs: this.#limits.idleTimeoutMs });
      const body = await wholeBody(chunks, label, request.maxBytes ?? largestBytes).catch((error: unknown) => {
        this.#assertWanted(context);
        // A 5xx counts as an outage even if its body cannot be read.
        throw (message.statusCode ?? 0) >= 500 ? this.#statusFailure(message, label) : error;
      });
      call.complete();
      // A copy, because Buffer.concat allocates small buffers from a shared pool.
      return new HttpAnswer(this.#head(message, label), new Uint8Array(body), label);
    } catch (error) {
      throw this.#fail(call, error, label);
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Implements `HttpClient.stream`. */
  async stream(request: HttpStreamRequest, context: CallContext): Promise<HttpLines> {
    const label = this.#label(request);
    const call = this.#begin(context, label);
    try {
      const message = await this.#send(request, { label, call, context, holdsProcess: false });
      call.met("answer");
      const chunks = bodyChunks(message, call, { label, idleTimeoutMs: request.idleTimeoutMs });
      const lines = this.#lines(bodyLines(chunks, label, request.maxBytes ?? largestBytes), call);
      return new HttpLines(this.#head(message, label), { lines, end: () => this.#end(call) });
    } catch (error) {
      this.#calls.delete(call);
      throw this.#fail(call, error, label);
    }
  }

  /** Ends all calls with the error and destroys all sockets. */
  close(error: SecretError): void {
    this.#closedBy = error;
    for (const call of [...this.#calls]) call.stop(error);
    this.#calls.clear();
    this.#engine.close();
  }

  #label({ method = "GET", path }: HttpRequest): RequestLabel {
    return { method, host: this.#host, template: path };
  }

  #begin(context: CallContext, label: RequestLabel): HttpCall {
    const call = new HttpCall(this.#clock, context);
    const { answerTimeoutMs: ms } = this.#limits;
    call.within("answer", ms, () => timeoutFailure(label, `was not answered in full within ${ms} ms`));
    this.#calls.add(call);
    return call;
  }

  /** Sends a request, and returns the response if its status is accepted. @throws {SecretError} the error of any other status */
  async #send(
    request: HttpRequest,
    {
      label,
      call,
      context,
      holdsProcess,
    }: { label: RequestLabel; call: HttpCall; context: CallContext; holdsProcess: boolean },
  ): Promise<IncomingMessage> {
    const tls = { ...(await Promise.race([this.#tls(), call.stopped])), ...request.clientCertificate };
    const message = await this.#engine.send(toDispatch(request, this.#base, { label, holdsProcess, tls }), call);
    const status = message.statusCode ?? 0;
    if ((status >= 200 && status < 300) || request.accept?.includes(status) === true) return message;
    // The error depends only on the status, even if reading the body fails.
    const failure = this.#statusFailure(message, label);
    call.within("drain", drainMs, () => failure);
    const chunks = bodyChunks(message, call, { label, idleTimeoutMs: this.#limits.idleTimeoutMs });
    await wholeBody(chunks, label, drainedBytes).catch(() => undefined);
    this.#assertWanted(context);
    throw failure;
  }

  /** Throws if the caller has aborted or the client has closed; either takes precedence over the error of a response. */
  #assertWanted({ signal }: CallContext): void {
    signal.throwIfAborted();
    if (this.#closedBy !== undefined) throw this.#closedBy;
  }

  #statusFailure(message: IncomingMessage, label: RequestLabel): SecretError {
    return new HttpAnswer(this.#head(message, label), new Uint8Array(), label).failure();
  }

  #head(message: IncomingMessage, label: RequestLabel): HttpHeadParts {
    return {
      status: message.statusCode ?? 0,
      headers: message.headers,
      toFailure: ({ status, header }) => statusFailure(label, status, header, this.#clock),
    };
  }

  async *#lines(lines: AsyncIterable<string>, call: HttpCall): AsyncGenerator<string> {
    try {
      for await (const line of lines) {
        // No line is yielded after the call has stopped, even if it arrived before.
        if (call.outcome !== undefined) throw call.outcome.error;
        yield line;
      }
    } catch (error) {
      if (error !== ended) throw error;
    } finally {
      this.#end(call);
    }
  }

  #end(call: HttpCall): void {
    this.#calls.delete(call);
    call.stop(ended);
  }

  /** Stops a failed call and returns the error to throw. Its connection is reused only if the response has been read completely. */
  #fail(call: HttpCall, error: unknown, label: RequestLabel): unknown {
    const failure = call.failure(error, (cause) => networkFailure(label, cause));
    call.stop(failure);
    return failure;
  }
}

/**
 * Returns whether the body ends when the connection closes, so that truncation cannot be detected. HTTP/1.0 is exempt, since it
 * has no other way.
 * @see RFC 9112, 6.3
 */
function endsWithConnection({ statusCode, httpVersion, headers }: IncomingMessage, { method }: RequestLabel): boolean {
  if (method === "HEAD" || statusCode === 204 || statusCode === 304 || httpVersion === "1.0") return false;
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}
