import type { CallContext, ProviderHost } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpClient, HttpRequest, HttpTls } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import { tlsMaterial, tlsPlaces } from "../http/tls-options.ts";
import type { HttpStoreOptions } from "./options.ts";
import { type StatusMeaning, statusError } from "./status-table.ts";
import type { StoreLogin } from "./store-login.ts";

/** Sends a request; what the store says of a failure is in the error. */
export type SendRequest = (request: HttpRequest, context: CallContext) => Promise<HttpAnswer>;

/** The parts in which one store differs from another. */
export interface StoreParts {
  /** The store in a sentence: `Doppler`. */
  readonly store: string;
  readonly url: string;
  readonly options: HttpStoreOptions;
  /** Makes the login. @param send sends a request without one */
  login(send: SendRequest): StoreLogin;
  /** Changes the TLS material of the options, for each request. */
  adjustTls?(tls: HttpTls): HttpTls;
  /** The meaning of a failed answer; undefined where every store means the same by it, or something else wrote it. */
  meaningOf(answer: HttpAnswer, request: HttpRequest): StatusMeaning | undefined;
  /** Whether the store itself says that there is no such secret. */
  saysMissing(answer: HttpAnswer): boolean;
  /** The statuses with which it says so. Default: 404. */
  readonly missingStatuses?: readonly number[] | undefined;
}

/** The connection of a provider to a store that is asked over HTTP: its login, and errors in its terms. */
export class StoreApi {
  readonly #parts: StoreParts;
  readonly #http: HttpClient;
  readonly #login: StoreLogin;
  #serverTime: number | undefined;

  /** @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
  constructor(parts: StoreParts, host: ProviderHost) {
    this.#parts = parts;
    const { application, proxy, allowInsecureHttp, tls } = parts.options;
    const material = tlsMaterial(tlsPlaces(tls), host);
    const adjusted = async (): Promise<HttpTls> => parts.adjustTls?.(await material()) ?? material();
    this.#http = createHttpClient({ url: parts.url, application, proxy, allowInsecureHttp, tls: adjusted }, host);
    this.#login = parts.login((request, context) => this.#send(request, context));
  }

  /** The wall time of the store with its last answer, in milliseconds since the epoch. */
  get serverTime(): number | undefined {
    return this.#serverTime;
  }

  /** Sends a request with the login. @throws {SecretError} what the store's table says, and what `HttpClient.request` throws */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    return this.#loggedIn(request, context, () => false);
  }

  /** Sends a request about one secret; undefined where the store says that there is none. @throws {SecretError} as `request` does */
  async find(request: HttpRequest, context: CallContext): Promise<HttpAnswer | undefined> {
    const { saysMissing, missingStatuses = [404] } = this.#parts;
    const isMissing = (answer: HttpAnswer): boolean => missingStatuses.includes(answer.status) && saysMissing(answer);
    const answer = await this.#loggedIn(request, context, isMissing);
    return isMissing(answer) ? undefined : answer;
  }

  /** Ends all calls with CLOSED; idempotent. */
  async close(): Promise<void> {
    await this.#login.close();
    await this.#http.close();
  }

  #loggedIn(
    request: HttpRequest,
    context: CallContext,
    isWanted: (answer: HttpAnswer) => boolean,
  ): Promise<HttpAnswer> {
    return this.#login.call(
      (headers) => this.#send({ ...request, headers: { ...request.headers, ...headers } }, context, isWanted),
      context,
      request,
    );
  }

  /** @param isWanted whether the caller is to see an answer with a status that it does not accept */
  async #send(
    request: HttpRequest,
    context: CallContext,
    isWanted: (answer: HttpAnswer) => boolean = () => false,
  ): Promise<HttpAnswer> {
    const { accept = [] } = request;
    const answer = await this.#http.request({ ...request, accept: [...accept, ...inspected] }, context);
    const date = Date.parse(answer.header("date") ?? "");
    if (!Number.isNaN(date)) this.#serverTime = date;
    if (answer.status < 300 || accept.includes(answer.status) || isWanted(answer)) return answer;
    const { store, meaningOf } = this.#parts;
    const meaning = meaningOf(answer, request);
    throw meaning === undefined ? answer.failure() : statusError(store, answer, request, meaning);
  }
}

/** The statuses whose body may tell more than they do. */
const inspected: readonly number[] = [400, 401, 403, 404, 405, 406, 409, 412, 422, 423, 429, 500, 502, 503];
