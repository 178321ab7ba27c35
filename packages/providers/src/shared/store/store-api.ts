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

/** Sends a request; what the store says of a failure is in the error. */
export type SendRequest = (request: HttpRequest, context: CallContext) => Promise<HttpAnswer>;

/** What a login stands on. */
export interface LoginParts {
  /** Sends a request without a login. */
  readonly send: SendRequest;
  /** What the store takes for now, as far as it has said so; else this machine's. */
  serverNow(): number;
  readonly host: ProviderHost;
}

/** The parts in which one store differs from another. */
export interface StoreParts {
  /** The store in a sentence: `Doppler`. */
  readonly store: string;
  readonly url: string;
  readonly options: HttpStoreOptions;
  /** Makes the login. */
  login(parts: LoginParts): StoreLogin;
  /** The meaning of a failed answer; undefined where every store means the same by it, or something else wrote it. */
  meaningOf(answer: HttpAnswer, request: HttpRequest): StatusMeaning | undefined;
  /** Whether the store itself says that there is no such secret. It is not asked about a page for people. */
  saysMissing(answer: HttpAnswer): boolean;
  /** The statuses with which it says so. Default: 404. */
  readonly missingStatuses?: readonly number[] | undefined;
}

/** The connection of a provider to a store that is asked over HTTP: its login, and errors in its terms. */
export class StoreApi {
  readonly #parts: StoreParts;
  readonly #host: Pick<ProviderHost, "contentVersion">;
  readonly #serverClock: ServerClock;
  readonly #http: HttpClient;
  readonly #tls: () => Promise<HttpTls>;
  readonly #login: StoreLogin;
  readonly #validators = new Validators();
  /** answer -> as whom it was asked for */
  readonly #askers = new WeakMap<HttpAnswer, string>();

  /** @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
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

  /** The wall time of the store with its last answer, in milliseconds since the epoch. */
  get serverTime(): number | undefined {
    return this.#serverClock.lastTime;
  }

  /** Sends a request with the login. @throws {SecretError} what the store's table says, and what `HttpClient.request` throws */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    return this.#loggedIn(request, context, (headers) => this.#send(withHeaders(request, headers), context));
  }

  /** Sends a request about one secret; undefined where the store says that there is none. @throws {SecretError} as `request` does */
  find(request: HttpRequest, context: CallContext): Promise<HttpAnswer | undefined> {
    return this.#loggedIn(request, context, (headers) => this.#find(withHeaders(request, headers), context));
  }

  /**
   * Sends a request about secrets on condition that one answer held them all as they are held now, and that the store has another one
   * by now; else it answers 304. An ETag is only shown with the login that it was answered to: for another one it may stand for
   * other content.
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
   * Notes that an answer of `findChanged` holds this version of a secret.
   * @returns whether the last one did, too, and was answered to the same login: a number may count something else for another one
   */
  remember(path: string, version: string, answer: HttpAnswer): boolean {
    return this.#validators.remember(path, { version, asker: this.#askers.get(answer) }, answer);
  }

  /** Ends all calls with CLOSED; idempotent. */
  async close(): Promise<void> {
    await this.#login.close();
    await this.#http.close();
  }

  #loggedIn<R>(request: HttpRequest, context: CallContext, send: (headers: HttpHeaders) => Promise<R>): Promise<R> {
    return this.#login.call(send, context, request);
  }

  /** Tells one login from another, and holds nothing of either. */
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
    return meaning === undefined ? answer.failure() : statusError(store, answer, request, meaning);
  }
}

/** The statuses whose body may tell more than they do. */
const inspected: readonly number[] = [400, 401, 403, 404, 405, 406, 409, 412, 422, 423, 429, 500, 502, 503];

function withHeaders(request: HttpRequest, headers: HttpHeaders): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}
