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

/** What core reads at most in one attempt; the largest Kubernetes-sized secret, 1 MiB, is 1.4 MiB of base64. */
const largestBytes = 2 * 1024 * 1024;
/** The body of an error is read to its end, which saves the connection; a longer one is not worth it. */
const drainedBytes = 64 * 1024;
/** A body that drips is not worth it either. */
const drainMs = 1500;
/** Stops a call without an error. */
const ended: unique symbol = Symbol("ended");

/** The calls of one client: what `createHttpClient` loads with the first of them. */
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

  /** @throws {SecretError} INVALID_CONFIG `invalid` for a proxy that does not speak HTTP */
  static async open(options: HttpClientOptions, url: URL, clock: Clock): Promise<HttpExchange> {
    const { socketPath, proxy = "none" } = options;
    // A unix socket needs no proxy, whatever the environment says.
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

  /** See `HttpClient.request`. */
  async request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    const label = this.#label(request);
    const call = this.#begin(context, label);
    try {
      const message = await this.#send(request, { label, call, context, holdsProcess: true });
      if (endsWithConnection(message, label)) throw malformedFailure(label, "a body without a defined end");
      const chunks = bodyChunks(message, call, { label, idleTimeoutMs: this.#limits.idleTimeoutMs });
      const body = await wholeBody(chunks, label, request.maxBytes ?? largestBytes).catch((error: unknown) => {
        this.#assertWanted(context);
        // An outage stays one, whatever becomes of its page.
        throw (message.statusCode ?? 0) >= 500 ? this.#statusFailure(message, label) : error;
      });
      call.complete();
      // A copy of its own: what Buffer.concat makes of little lies in a pool that others share.
      return new HttpAnswer(this.#head(message, label), new Uint8Array(body), label);
    } catch (error) {
      throw this.#fail(call, error, label);
    } finally {
      this.#calls.delete(call);
    }
  }

  /** See `HttpClient.stream`. */
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

  /** Ends every call with the error and destroys every socket. */
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

  /** Sends a request and lets its answer through if the status is wanted. */
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
    // The status is the error, whatever becomes of the body.
    const failure = this.#statusFailure(message, label);
    call.within("drain", drainMs, () => failure);
    const chunks = bodyChunks(message, call, { label, idleTimeoutMs: this.#limits.idleTimeoutMs });
    await wholeBody(chunks, label, drainedBytes).catch(() => undefined);
    this.#assertWanted(context);
    throw failure;
  }

  /** A caller who has left, and a client that was closed, hear that, whatever the answer says. */
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
        // Lines that had come before the call was stopped are not given out after it.
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

  /** What to throw. The connection of a failed call is not used again, unless the answer has been read to its end. */
  #fail(call: HttpCall, error: unknown, label: RequestLabel): unknown {
    const failure = call.failure(error, (cause) => networkFailure(label, cause));
    call.stop(failure);
    return failure;
  }
}

/**
 * Whether a body ends where its connection does, so that a cut is not to be told from the end. HTTP/1.0 has no other way.
 * @see RFC 9112, 6.3
 */
function endsWithConnection({ statusCode, httpVersion, headers }: IncomingMessage, { method }: RequestLabel): boolean {
  if (method === "HEAD" || statusCode === 204 || statusCode === 304 || httpVersion === "1.0") return false;
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}
