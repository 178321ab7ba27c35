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

/** What a connection must know beside its access. */
export type ConnectionOptions = Pick<KubernetesOptions, "namespace" | "application" | "allowInsecureHttp">;

/** The connection of one provider to its API server: logs in before each request, and once more where a login was refused. */
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
      // What was never sent was not refused.
      if (isSameLogin(login, renewed)) throw error.reason === undefined ? refusedFailure(error) : error;
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

/**
 * Sends a request about one object; undefined if there is none. It tells a missing right from a server that starts: what was
 * denied is asked once more, as the server may have become ready between the denial and the question whether it is.
 * @throws {SecretError} PERMISSION_DENIED `access-rule`; UNAVAILABLE `api-server-starting`, and with the scope of the path where
 * the server cannot read this object alone; what a request throws
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
  // A server that lacks its etcd answers like this, too; then it is not ready.
  const status = await readiness(connection, context).catch(() => 503);
  throw status < 500 ? objectFailure(failure) : failure;
}

/**
 * What a 403 means: that a rule is missing, or that the API server starts. It denies everything until it has read its access
 * rules, also what every identity may do by default, and is not ready before it has.
 * @throws {SecretError} what a request throws
 */
async function denial(connection: KubernetesApi, access: Access, context: CallContext): Promise<SecretError> {
  const status = await readiness(connection, context);
  if (status >= 500) return startingFailure();
  // Some clusters let nobody ask that; then another question that is everybody's tells the two apart.
  if (status === 403 && (await askAccess(connection, access, context)).allowed === undefined) return startingFailure();
  return deniedFailure(access);
}

/** 404 where something that stands before the API server has an answer of its own. */
async function readiness(connection: KubernetesApi, context: CallContext): Promise<number> {
  try {
    return (await connection.request({ path: "/readyz", accept: [403, 404, 500, 503] }, context)).status;
  } catch (error) {
    if (isSecretError(error, "INTERNAL")) return 404;
    throw error;
  }
}

/** What may be asked about: also every verb, and all namespaces. */
export type AskedAccess = Omit<Access, "verb" | "namespace"> & {
  readonly verb: Access["verb"] | "*";
  /** Absent for all of them. */
  readonly namespace?: string | undefined;
};

/** What the API server answers, and by which clock. */
export interface AccessAnswer {
  /** Undefined where the question itself is not allowed. */
  readonly allowed: boolean | undefined;
  /** The server's wall time, to the second. */
  readonly serverTime: number | undefined;
}

/**
 * Asks the API server whether this identity may do something; every authenticated one may ask. Nothing is stored there.
 * @throws {SecretError} what a request throws
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
