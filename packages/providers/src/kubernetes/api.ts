import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import type { HttpClient, HttpRequest, HttpStreamRequest, HttpTls } from "../shared/http/client.ts";
import { createHttpClient } from "../shared/http/create-client.ts";
import type { HttpLines } from "../shared/http/lines.ts";
import {
  type Access,
  deniedFailure,
  isStatus,
  objectFailure,
  refusedFailure,
  saysNotFound,
  startingFailure,
} from "./errors.ts";
import { type ApiLogin, isSameLogin, type LoginSource } from "./login.ts";
import { record } from "./object-meta.ts";
import type { KubernetesOptions } from "./options.ts";

/** The options that a connection needs in addition to its login source. */
export type ConnectionOptions = Pick<KubernetesOptions, "namespace" | "application" | "allowInsecureHttp">;

/**
 * The connection of one provider to its API server. It requests a login before each request, and repeats the request once with
 * a new login if the server refused the first.
 */
export class KubernetesApi {
  readonly access: LoginSource;
  readonly #options: ConnectionOptions;
  readonly #host: Pick<ProviderHost, "clock">;
  #client: { readonly key: string; readonly http: HttpClient } | undefined;
  #tls: HttpTls = {};
  #isClosed = false;

  constructor(access: LoginSource, options: ConnectionOptions, host: Pick<ProviderHost, "clock">) {
    this.access = access;
    this.#options = options;
    this.#host = host;
  }

  /** Sends a request with the headers of a login, as `HttpClient.request` does. */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer> {
    return this.#loggedIn(context, (http, headers) =>
      http.request({ ...request, headers: { ...request.headers, ...headers } }, context),
    );
  }

  /** Opens a stream with the headers of a login, as `HttpClient.stream` does. */
  stream(request: HttpStreamRequest, context: CallContext): Promise<HttpLines> {
    return this.#loggedIn(context, (http, headers) =>
      http.stream({ ...request, headers: { ...request.headers, ...headers } }, context),
    );
  }

  /**
   * Returns the namespace of names that have none of their own.
   * @throws {SecretError} INVALID_CONFIG `namespace` if neither the options nor the login contain one
   */
  async namespace(context: CallContext): Promise<string> {
    const namespace = this.#options.namespace ?? (await this.access.login(context)).namespace;
    if (namespace !== undefined && namespace !== "") return namespace;
    throw new SecretError("INVALID_CONFIG", "the namespace of the Secrets is not set", {
      reason: "namespace",
      tip: "Set the option `namespace`: the service account's files do not contain one.",
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.access.close?.();
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
      // An error with a reason was raised before anything was sent, so the server has not refused the login.
      if (isSameLogin(login, renewed)) throw error.reason === undefined ? refusedFailure(error) : error;
      return await send(this.#clientFor(renewed), renewed.headers);
    }
  }

  /** Returns the HTTP client for a login. A kubeconfig may name another server or proxy at any time, which gets a new client. */
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

/**
 * Sends a request about one object, and returns undefined if the object does not exist. After a denial, it finds out whether
 * the server is starting. If it is not, the request is sent once more, because the server may have become ready since the
 * denial.
 * @throws {SecretError} PERMISSION_DENIED `access-rule`; UNAVAILABLE `api-server-starting`, and UNAVAILABLE with the scope of
 * the path if the server cannot read only this object; errors of a request
 */
export async function requestObject(
  connection: KubernetesApi,
  request: HttpRequest,
  access: Access,
  context: CallContext,
): Promise<HttpAnswer | undefined> {
  const asked = { ...request, accept: [403, 404, 500] };
  const answer = await connection.request(asked, context);
  if (!isDenial(answer)) return found(connection, answer, context);
  const error = await denial(connection, access, context);
  if (error.code !== "PERMISSION_DENIED") throw error;
  const again = await connection.request(asked, context);
  if (isDenial(again)) throw error;
  return found(connection, again, context);
}

/** A firewall in between refuses with a page, and knows no access rules. */
function isDenial({ status, isPage }: HttpAnswer): boolean {
  return status === 403 && !isPage;
}

async function found(
  connection: KubernetesApi,
  answer: HttpAnswer,
  context: CallContext,
): Promise<HttpAnswer | undefined> {
  if (answer.status === 404 && saysNotFound(answer)) return undefined;
  if (answer.status < 400) return answer;
  const failure = answer.failure();
  if (answer.status !== 500 || !isStatus(answer)) throw failure;
  // A server without its etcd answers in the same way, but is not ready.
  const status = await readiness(connection, context).catch(() => 503);
  throw status < 500 ? objectFailure(failure) : failure;
}

/**
 * Returns the error for a 403: an access rule is missing, or the API server is starting. Until it has read its access rules, it
 * denies every request, including those that every identity may make, and reports that it is not ready.
 * @throws {SecretError} errors of a request
 */
async function denial(connection: KubernetesApi, access: Access, context: CallContext): Promise<SecretError> {
  const status = await readiness(connection, context);
  if (status >= 500) return startingFailure();
  // Some clusters do not allow this question; then another one that every identity may ask decides.
  if (status === 403 && (await askAccess(connection, access, context)).allowed === undefined) return startingFailure();
  return deniedFailure(access);
}

/** Returns the status of the API server's readiness check; 404 if a proxy in front of it gives an answer of its own. */
async function readiness(connection: KubernetesApi, context: CallContext): Promise<number> {
  try {
    return (await connection.request({ path: "/readyz", accept: [403, 404, 500, 503] }, context)).status;
  } catch (error) {
    if (isSecretError(error, "INTERNAL")) return 404;
    throw error;
  }
}

/** An access to ask about; it may include every verb and all namespaces. */
export type AskedAccess = Omit<Access, "verb" | "namespace"> & {
  readonly verb: Access["verb"] | "*";
  /** Absent for all namespaces. */
  readonly namespace?: string | undefined;
};

/** The answer of the API server, and its time. */
export interface AccessAnswer {
  /** Undefined if this identity may not ask. */
  readonly allowed: boolean | undefined;
  /** The server's wall time, to the second. */
  readonly serverTime: number | undefined;
}

/**
 * Asks the API server whether this identity has an access; every authenticated identity may ask. The server stores nothing.
 * @throws {SecretError} errors of a request
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export async function askAccess(
  connection: KubernetesApi,
  { verb, resource, namespace, name }: AskedAccess,
  context: CallContext,
): Promise<AccessAnswer> {
  const [base, subresource] = resource.split("/");
  const answer = await connection.request(
    {
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      json: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { group: "", verb, resource: base, subresource, namespace, name } },
      },
      accept: [403],
      replayable: true,
    },
    context,
  );
  const allowed = answer.status === 403 ? undefined : record(record(answer.json())?.status)?.allowed === true;
  return { allowed, serverTime: answer.serverTime };
}
