import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpClient, HttpRequest, HttpStreamRequest, HttpTls } from "../shared/http/client.ts";
import { createHttpClient } from "../shared/http/create-client.ts";
import type { HttpLines } from "../shared/http/lines.ts";
import { type ApiAccess, type ApiLogin, isSameLogin } from "./api-access.ts";
import type { KubernetesOptions } from "./options.ts";

/** What a connection must know beside its access. */
export type ConnectionOptions = Pick<KubernetesOptions, "namespace" | "application" | "allowInsecureHttp">;

/** The connection of one provider to its API server: logs in before each request, and once more where a login was refused. */
export class ApiConnection {
  readonly access: ApiAccess;
  readonly #options: ConnectionOptions;
  readonly #host: Pick<ProviderHost, "clock">;
  #client: { readonly key: string; readonly http: HttpClient } | undefined;
  #tls: HttpTls = {};
  #isClosed = false;

  constructor(access: ApiAccess, options: ConnectionOptions, host: Pick<ProviderHost, "clock">) {
    this.access = access;
    this.#options = options;
    this.#host = host;
  }

  /** See `HttpClient.request`. */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    return this.#loggedIn(context, (http, headers) =>
      http.request({ ...request, headers: { ...request.headers, ...headers } }, context),
    );
  }

  /** See `HttpClient.stream`. */
  stream(request: HttpStreamRequest, context: CallContext): Promise<HttpLines> {
    return this.#loggedIn(context, (http, headers) =>
      http.stream({ ...request, headers: { ...request.headers, ...headers } }, context),
    );
  }

  /**
   * Where names without a namespace are.
   * @throws {SecretError} INVALID_CONFIG `namespace` where nothing says it
   */
  async namespace(context: CallContext): Promise<string> {
    const namespace = this.#options.namespace ?? (await this.access.login(context)).namespace;
    if (namespace !== undefined && namespace !== "") return namespace;
    throw new SecretError("INVALID_CONFIG", "nothing says in which namespace the Secrets are", {
      reason: "namespace",
      tip: "Set the option `namespace`: the service account's files hold none.",
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client?.http.close();
  }

  async #loggedIn<T>(
    context: CallContext,
    send: (http: HttpClient, headers: ApiLogin["headers"]) => Promise<T>,
  ): Promise<T> {
    const login = await this.access.login(context);
    try {
      return await send(this.#clientFor(login), login.headers);
    } catch (error) {
      if (!isSecretError(error, "UNAUTHENTICATED")) throw error;
      context.signal.throwIfAborted();
      const renewed = await this.access.login(context, true);
      if (isSameLogin(login, renewed)) throw refused(error);
      return await send(this.#clientFor(renewed), renewed.headers);
    }
  }

  /** Another server, which a kubeconfig may name at any time, gets connections of its own. */
  #clientFor({ url, proxy, tls }: ApiLogin): HttpClient {
    if (this.#isClosed) throw new SecretError("CLOSED", "the connection to the API server was closed");
    this.#tls = tls;
    const key = JSON.stringify([url, proxy]);
    if (this.#client?.key === key) return this.#client.http;
    const { application, allowInsecureHttp } = this.#options;
    const options = { url, proxy, application, allowInsecureHttp, tls: () => this.#tls };
    const http = createHttpClient(options, this.#host);
    void this.#client?.http.close();
    this.#client = { key, http };
    return http;
  }
}

function refused({ message, retryAfterMs, cause }: SecretError): SecretError {
  return new SecretError("UNAUTHENTICATED", message, {
    reason: "login-refused",
    retryAfterMs,
    cause,
    tip: "The token or certificate has expired, was revoked, or belongs to another cluster or audience.",
  });
}
