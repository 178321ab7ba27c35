import { type CallContext, type ProviderHost, pause, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import type { HttpClient, HttpClientOptions } from "../http/client.ts";
import { createHttpClient } from "../http/create-client.ts";
import { ServerClock } from "../server-clock.ts";
import { VaultAnswer } from "./answer.ts";
import { isBehind, vaultFailure } from "./errors.ts";

/** One call of Vault's HTTP API. */
export interface VaultRequest {
  /** Default GET. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** Below `/v1/`, without a slash at its start: `{+mount}/data/{+path}`. Errors show it as it is. */
  readonly path: string;
  /** What `{name}` (one segment) and `{+name}` (several) stand for, not encoded. */
  readonly values?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Never shown. Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Never shown. */
  readonly json?: unknown;
  /** Beside those that every call has. Never shown. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Statuses beside 2xx that are answered, not thrown. */
  readonly accept?: readonly number[] | undefined;
  /** Goes without a namespace, as `sys/health` must. Default: the configured one is sent. */
  readonly root?: boolean | undefined;
}

/** Vault's HTTP API, without a login. It follows redirects to allow-listed hosts, and waits for an index that a node lacks. */
export interface VaultApi {
  /**
   * Sends one request.
   * @throws {SecretError} PERMISSION_DENIED (403), THROTTLED (429), UNAVAILABLE (sealed, standby, 5xx, network), INVALID_CONFIG,
   * INTERNAL (the rest), CLOSED. No error holds a token, a parameter or a body.
   */
  call(request: VaultRequest, options: CallContext & { readonly token?: string | undefined }): Promise<VaultAnswer>;
  /** What Vault takes for now, as far as it has said so; else this machine's. In milliseconds since the epoch. */
  serverNow(): number;
  /** Ends all calls with CLOSED; idempotent. */
  close(): Promise<void>;
}

/** Where Vault is and how it is asked. */
export interface VaultHttpOptions extends HttpClientOptions {
  readonly namespace?: string | undefined;
  /** `host:port` of the nodes to which a standby may lead. */
  readonly redirects: readonly string[];
}

type CallOptions = Parameters<VaultApi["call"]>[1];

/** Makes Vault's API over HTTP; no I/O. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
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
  /** Of the last answer that had one: a node that has not come so far must not answer. */
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

  /** The same request goes on to the node that a standby names, if that is one of those which may be trusted with a token. */
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

  /** Behind a balancer the nodes often name the balancer itself: the token would go nowhere new, and another node may answer. */
  #isOwn({ redirectOrigin }: HttpAnswer): boolean {
    return redirectOrigin === new URL(this.#options.url).origin && this.#options.socketPath === undefined;
  }

  #trusted(answer: HttpAnswer): HttpClient | undefined {
    const { redirectOrigin } = answer;
    if (redirectOrigin === undefined) return undefined;
    // By a connection of its own, as a balancer decides by connection.
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
        // An Agent or Proxy may refuse whatever lacks it, as protection against requests that a browser was tricked into.
        "x-vault-request": "true",
        "x-vault-token": token,
        "x-vault-namespace": root === true ? undefined : this.#options.namespace,
        "x-vault-index": index,
      },
      accept: seen,
    };
  }
}

/** Reads an answer that was wanted. @throws {SecretError} for any other */
function taken(answer: HttpAnswer, { method = "GET", path, accept }: VaultRequest): VaultAnswer {
  const { status } = answer;
  const isWanted = (status >= 200 && status < 300) || accept?.includes(status) === true;
  if (!isWanted && !onlyOfVault.includes(status)) throw vaultFailure(answer, { method, path, words: wordsOf(answer) });
  const read = new VaultAnswer(answer);
  if (read.isWrapped) throw wrappedAnswer(method, path);
  // A path that nobody serves is a mistake in the configuration, not a secret that was deleted.
  if (isWanted && (status !== 404 || read.errors.length === 0)) return read;
  throw vaultFailure(answer, { method, path, words: read.errors });
}

/** 50 ms, doubled up to half a second: below five seconds in all. */
const mostAttempts = 10;
const mostHops = 2;
/** Their bodies, or their own words for them, are looked at here. */
const seen: readonly number[] = [
  307, 308, 400, 401, 403, 404, 405, 412, 413, 429, 472, 473, 474, 500, 501, 502, 503, 530,
];

/**
 * Statuses whose meaning is Vault's only where Vault wrote the answer: a mesh, a firewall or an ingress before it uses them as
 * well, and what it refuses is neither a denial nor a mistake in a request.
 */
const onlyOfVault: readonly number[] = [400, 403, 404, 405, 412, 413];

/** An outage is one, whoever tells it: without words where the answer is none of Vault's. */
function wordsOf(answer: HttpAnswer): readonly string[] {
  try {
    const { errors, body } = new VaultAnswer(answer);
    return body.sealed === true ? ["sealed", ...errors] : errors;
  } catch {
    return [];
  }
}

/** No request here asks for a wrapped answer. */
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
