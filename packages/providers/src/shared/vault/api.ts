import { type CallContext, type ProviderHost, pause, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpClient, HttpClientOptions } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import { ServerClock } from "../server-clock.ts";
import { VaultAnswer } from "./answer.ts";
import { isBehind, vaultFailure } from "./errors.ts";

/** A request to Vault's HTTP API. */
export interface VaultRequest {
  /** Default: GET. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** A template of the path below `/v1/`, without a leading slash: `{+mount}/data/{+path}`. Errors contain it unfilled. */
  readonly path: string;
  /** The values of `{name}` (one segment) and `{+name}` (several) in the template, not encoded. */
  readonly values?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Undefined values are left out. Errors never contain it. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** The body, sent as JSON. Errors never contain it. */
  readonly json?: unknown;
  /** Further headers. Errors never contain them. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Statuses other than 2xx that are returned, not thrown. */
  readonly accept?: readonly number[] | undefined;
  /** Whether to omit the namespace, as `sys/health` requires. Default: false. */
  readonly root?: boolean | undefined;
}

/** A client of Vault's HTTP API, without a login. It follows redirects to allowed hosts, and retries if a node lags behind the active one. */
export interface VaultApi {
  /**
   * Sends a request.
   * @throws {SecretError} PERMISSION_DENIED (403), THROTTLED (429), UNAVAILABLE (sealed, standby, 5xx, network), INVALID_CONFIG,
   * INTERNAL (the rest), CLOSED. No error contains a token, a parameter or a body.
   */
  call(request: VaultRequest, options: CallContext & { readonly token?: string | undefined }): Promise<VaultAnswer>;
  /** Returns the estimated time of Vault, in milliseconds since the epoch; before its first response, the time of this machine. */
  serverNow(): number;
  /** Ends all calls with CLOSED; idempotent. */
  close(): Promise<void>;
}

/** The connection settings of a client. */
export interface VaultHttpOptions extends HttpClientOptions {
  readonly namespace?: string | undefined;
  /** `host:port` of the nodes to which a standby may lead. */
  readonly redirects: readonly string[];
}

type CallOptions = Parameters<VaultApi["call"]>[1];

/** Creates a client of Vault's API. Performs no I/O. @throws {SecretError} INVALID_CONFIG for an invalid address */
export function createVaultApi(options: VaultHttpOptions, host: Pick<ProviderHost, "clock" | "random">): VaultApi {
  return new VaultHttp(options, host);
}

class VaultHttp implements VaultApi {
  readonly #options: VaultHttpOptions;
  readonly #host: Pick<ProviderHost, "clock" | "random">;
  readonly #client: HttpClient;
  readonly #serverClock: ServerClock;
  /** origin -> its client; a few nodes at most */
  readonly #nodes = new Map<string, HttpClient>();
  /** The last index in a response, which makes nodes that lag behind it refuse reads. */
  #index: string | undefined;
  #isClosed = false;

  constructor(options: VaultHttpOptions, host: Pick<ProviderHost, "clock" | "random">) {
    this.#options = options;
    this.#host = host;
    this.#client = createHttpClient(options, host);
    this.#serverClock = new ServerClock(host);
  }

  async call(request: VaultRequest, options: CallOptions): Promise<VaultAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const index = (request.method ?? "GET") === "GET" ? this.#index : undefined;
      const answer = await this.#follow(request, options, index);
      this.#index = answer.header("x-vault-index") ?? this.#index;
      this.#serverClock.note(answer);
      if (answer.status !== 412 || attempt === mostAttempts || !isBehind(new VaultAnswer(answer).errors))
        return taken(answer, request);
      const upToMs = Math.min(50 * 2 ** (attempt - 1), 500);
      await pause(this.#host.clock, upToMs * (0.5 + this.#host.random() / 2), options.signal);
    }
  }

  serverNow(): number {
    return this.#serverClock.now();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#client, ...this.#nodes.values()].map((client) => client.close()));
  }

  /** Sends a request, and repeats it at the node to which a standby redirects, if that node is allowed to receive the token. */
  async #follow(request: VaultRequest, options: CallOptions, index: string | undefined): Promise<HttpAnswer> {
    let client = this.#client;
    for (let hop = 0; ; hop += 1) {
      const answer = await client.request(this.#toHttp(request, options.token, index), options);
      if (answer.status !== 307 && answer.status !== 308) return answer;
      const next = this.#trusted(answer);
      if (next === undefined) throw answer.failure();
      if (hop === mostHops) throw this.#isOwn(answer) ? allStandbys(answer) : answer.failure();
      client = next;
    }
  }

  /** Returns whether a redirect leads to the configured address, as is common behind a load balancer: another node may then respond. */
  #isOwn({ redirectOrigin }: HttpAnswer): boolean {
    return redirectOrigin === new URL(this.#options.url).origin && this.#options.socketPath === undefined;
  }

  #trusted(answer: HttpAnswer): HttpClient | undefined {
    const { redirectOrigin } = answer;
    if (redirectOrigin === undefined) return undefined;
    // Uses a separate connection, since load balancers choose a node for each connection.
    if (this.#isOwn(answer)) return this.#node(redirectOrigin);
    const { host, hostname, port, protocol } = new URL(redirectOrigin);
    const named = `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
    if (!this.#options.redirects.some((each) => each.toLowerCase() === named || each.toLowerCase() === host))
      return undefined;
    return this.#node(redirectOrigin);
  }

  #node(origin: string): HttpClient {
    if (this.#isClosed) throw new SecretError("CLOSED", "the connection to Vault was closed");
    const known = this.#nodes.get(origin);
    if (known !== undefined) return known;
    const { socketPath: _, ...options } = this.#options;
    const client = createHttpClient({ ...options, url: origin }, this.#host);
    this.#nodes.set(origin, client);
    return client;
  }

  #toHttp(
    { path, headers, root, accept: _, ...request }: VaultRequest,
    token: string | undefined,
    index: string | undefined,
  ): Parameters<HttpClient["request"]>[0] {
    return {
      ...request,
      path: `/v1/${path}`,
      headers: {
        ...headers,
        // An Agent or Proxy may require the header, as a protection against request forgery by browsers.
        "x-vault-request": "true",
        "x-vault-token": token,
        "x-vault-namespace": root === true ? undefined : this.#options.namespace,
        "x-vault-index": index,
      },
      accept: seen,
    };
  }
}

/** Parses an accepted response. @throws {SecretError} the error of any other response */
function taken(answer: HttpAnswer, { method = "GET", path, accept }: VaultRequest): VaultAnswer {
  const { status } = answer;
  const isWanted = (status >= 200 && status < 300) || accept?.includes(status) === true;
  if (!isWanted && !onlyOfVault.includes(status)) throw vaultFailure(answer, { method, path, words: wordsOf(answer) });
  const read = new VaultAnswer(answer);
  if (read.isWrapped) throw wrappedAnswer(method, path);
  // A 404 with errors means that nothing is mounted at the path, not that the secret was deleted.
  if (isWanted && (status !== 404 || read.errors.length === 0)) return read;
  throw vaultFailure(answer, { method, path, words: read.errors });
}

/** The number of attempts at a node that lags behind, with pauses from 50 ms to half a second, at most 3.25 s in total. */
const mostAttempts = 10;
const mostHops = 2;
/** The statuses whose body is inspected, or that have a specific meaning in Vault. */
const seen: readonly number[] = [
  307, 308, 400, 401, 403, 404, 405, 412, 413, 429, 472, 473, 474, 500, 501, 502, 503, 530,
];

/**
 * The statuses that have a meaning of Vault only if Vault has written the response: a mesh, firewall or ingress uses them, too,
 * and its refusal is neither a denial of Vault nor an invalid request.
 */
const onlyOfVault: readonly number[] = [400, 403, 404, 405, 412, 413];

/** Returns the error messages of Vault; none if it has not written the response. */
function wordsOf(answer: HttpAnswer): readonly string[] {
  try {
    const { errors, body } = new VaultAnswer(answer);
    return body.sealed === true ? ["sealed", ...errors] : errors;
  } catch {
    return [];
  }
}

/** Returns the error of a wrapped response, which no request asks for. */
function wrappedAnswer(method: string, path: string): SecretError {
  const message = `${method} ${path} was answered with a token in the place of the answer`;
  return new SecretError("UNSUPPORTED", message, {
    reason: "answer-wrapped",
    retryable: false,
    tip: "A control group withholds it until somebody approves, at each read: exclude this application from the control group.",
  });
}

function allStandbys(answer: HttpAnswer): SecretError {
  const message = "each queried node is a standby that redirects to the configured address";
  return new SecretError("UNAVAILABLE", message, {
    reason: "standby",
    tip: "Set `api_addr` of each node to its own address and list these in `redirects`, or let the load balancer route only to the active node.",
    cause: answer.failure().cause,
  });
}
