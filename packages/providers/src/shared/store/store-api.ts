import { type CallContext, type ProviderHost, type SecretError, untilAborted } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpClient, HttpRequest, HttpTls } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import type { HttpHeaders } from "../http/headers.ts";
import { tlsMaterial, tlsPlaces } from "../http/tls-options.ts";
import { ServerClock } from "../server-clock.ts";
import type { HttpStoreOptions } from "./options.ts";
import { type StatusMeaning, statusError } from "./status-table.ts";
import type { StoreLogin } from "./store-login.ts";
import { type HeldSecret, Validators } from "./validators.ts";

/** Sends a request. @throws {SecretError} an error with the meaning that the store gives to the response */
export type SendRequest = (request: HttpRequest, context: CallContext) => Promise<HttpAnswer>;

/** The functions that a login may use. */
export interface LoginParts {
  /** Sends a request without a login. */
  readonly send: SendRequest;
  /** Returns the estimated time of the store, in milliseconds since the epoch; before its first response, the time of this machine. */
  serverNow(): number;
  readonly host: ProviderHost;
}

/** The parts of a connection that depend on the store. */
export interface StoreParts {
  /** The name of the store within a sentence: `Doppler`. */
  readonly store: string;
  readonly url: string;
  readonly options: HttpStoreOptions;
  /** Creates the login. */
  login(parts: LoginParts): StoreLogin;
  /** Returns the meaning of a failed response; undefined for the general meaning of its status. */
  meaningOf(answer: HttpAnswer, request: HttpRequest): StatusMeaning | undefined;
  /** Returns whether the store itself reports that the secret does not exist. Never called for an HTML page. */
  saysMissing(answer: HttpAnswer): boolean;
  /** The statuses with which the store reports a missing secret. Default: 404. */
  readonly missingStatuses?: readonly number[] | undefined;
}

/** The connection of a provider to a store that is read over HTTP: login, conditional reads, and errors in the terms of the store. */
export class StoreApi {
  readonly #parts: StoreParts;
  readonly #host: Pick<ProviderHost, "contentVersion">;
  readonly #serverClock: ServerClock;
  readonly #http: HttpClient;
  readonly #tls: () => Promise<HttpTls>;
  readonly #login: StoreLogin;
  readonly #validators = new Validators();
  /** response of `findChanged` -> identifier of its login */
  readonly #askers = new WeakMap<HttpAnswer, string>();

  /** @throws {SecretError} INVALID_CONFIG for an invalid address */
  constructor(parts: StoreParts, host: ProviderHost) {
    const { application, proxy, allowInsecureHttp, tls } = parts.options;
    this.#parts = parts;
    this.#host = host;
    this.#serverClock = new ServerClock(host);
    this.#tls = tlsMaterial(tlsPlaces(tls), host);
    this.#http = createHttpClient({ url: parts.url, application, proxy, allowInsecureHttp, tls: this.#tls }, host);
    this.#login = parts.login({
      send: (request, context) => this.#send(request, context),
      serverNow: () => this.#serverClock.now(),
      host,
    });
  }

  /** The wall time of the store in its last response, in milliseconds since the epoch; undefined before the first. */
  get serverTime(): number | undefined {
    return this.#serverClock.lastTime;
  }

  /** Sends a request with the login. @throws {SecretError} errors of the login, of `meaningOf`, and of `HttpClient.request` */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    return this.#loggedIn(request, context, (headers) => this.#send(withHeaders(request, headers), context));
  }

  /** Sends a request for one secret; returns undefined if the store reports that it does not exist. @throws {SecretError} as `request` does */
  find(request: HttpRequest, context: CallContext): Promise<HttpAnswer | undefined> {
    return this.#loggedIn(request, context, (headers) => this.#find(withHeaders(request, headers), context));
  }

  /**
   * Sends a request for secrets. If all held versions come from one earlier response to the same login, the request is conditional, and
   * the response may be a 304. An ETag is sent only with the login that received it, since for another login it may identify other
   * content.
   * @throws {SecretError} as `request` does
   */
  findChanged(
    request: HttpRequest,
    held: readonly HeldSecret[],
    context: CallContext,
  ): Promise<HttpAnswer | undefined> {
    return this.#loggedIn(request, context, async (headers) => {
      const asker = await this.#asker(headers, context);
      const condition = this.#validators.headersFor(held, asker);
      const accept = [...(request.accept ?? []), ...(condition === undefined ? [] : [304])];
      const conditional = withHeaders({ ...request, accept }, { ...condition, ...headers });
      const answer = await this.#find(conditional, context);
      if (answer !== undefined) this.#askers.set(answer, asker);
      return answer;
    });
  }

  /**
   * Records that a response of `findChanged` contains this version of a secret.
   * @returns whether the response before it had the same version for the same login; version numbers of different logins are not comparable
   */
  remember(path: string, version: string, answer: HttpAnswer): boolean {
    return this.#validators.remember(path, { version, asker: this.#askers.get(answer) }, answer);
  }

  /** Closes the login, then ends all calls with CLOSED; idempotent. */
  async close(): Promise<void> {
    await this.#login.close();
    await this.#http.close();
  }

  #loggedIn<R>(request: HttpRequest, context: CallContext, send: (headers: HttpHeaders) => Promise<R>): Promise<R> {
    return this.#login.call(send, context, request);
  }

  /** Returns an identifier of the login, a keyed hash of its headers and certificate. */
  async #asker(headers: HttpHeaders, { signal }: CallContext): Promise<string> {
    const { certificate } = await untilAborted(this.#tls(), signal);
    const shown = JSON.stringify([headers, certificate?.toString()]);
    return this.#host.contentVersion({ kind: "value", bytes: Buffer.from(shown) });
  }

  async #find(request: HttpRequest, context: CallContext): Promise<HttpAnswer | undefined> {
    const { missingStatuses = [404], saysMissing } = this.#parts;
    const { accept = [] } = request;
    const answer = await this.#send({ ...request, accept: [...accept, ...missingStatuses] }, context);
    if (!missingStatuses.includes(answer.status)) return answer;
    if (saysMissing(answer)) return undefined;
    if (accept.includes(answer.status)) return answer;
    throw this.#failure(answer, request);
  }

  async #send(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    const { accept = [] } = request;
    const answer = await this.#http.request({ ...request, accept: [...accept, ...inspected] }, context);
    this.#serverClock.note(answer);
    const isWanted = answer.status < 300 || accept.includes(answer.status);
    if (isWanted && !answer.isPage) return answer;
    throw answer.status < 300 ? answer.malformed("a page in HTML") : this.#failure(answer, request);
  }

  #failure(answer: HttpAnswer, request: HttpRequest): SecretError {
    const { store, meaningOf } = this.#parts;
    const meaning = meaningOf(answer, request);
    // A page that denies a right comes from a firewall in between, which the plain error says.
    const isForeign = answer.isPage && meaning?.code === "PERMISSION_DENIED";
    return meaning === undefined || isForeign ? answer.failure() : statusError(store, answer, request, meaning);
  }
}

/** The statuses whose body may contain details. */
const inspected: readonly number[] = [400, 401, 403, 404, 405, 406, 409, 412, 422, 423, 429, 500, 502, 503];

function withHeaders(request: HttpRequest, headers: HttpHeaders): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}
