import type { CallContext } from "@tacit/core/provider";
import type { HttpAnswer } from "./answer.ts";
import type { HttpHeaders } from "./headers.ts";
import type { HttpLines } from "./lines.ts";
import type { QueryValues, UrlValues } from "./path.ts";
import type { UrlRules } from "./url.ts";

/** TLS material in PEM, and the settings of a TLS connection. */
export interface HttpTls {
  /** The authorities to trust instead of Node's list; also for an https proxy. */
  readonly ca?: string | Uint8Array | undefined;
  /** The client certificate and its key, for a store that requests them. */
  readonly certificate?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  /** The name that the store's certificate must have. Default: the host of the URL. */
  readonly serverName?: string | undefined;
  /** The names of the parts in errors: the option, variable or file of each. Default: `tls.ca`, `tls.certificate`, `tls.key`. */
  readonly names?: Readonly<Partial<Record<"ca" | "certificate" | "key", string>>> | undefined;
  /** `false` accepts any certificate, which health and `diagnose` report as an error. No environment variable changes it. Default: true. */
  readonly verify?: boolean | undefined;
}

/** The connection settings of a client. Deadlines are in milliseconds. */
export interface HttpClientOptions extends UrlRules {
  /** Scheme, host, port and optionally a base path, below which all requests stay. */
  readonly url: string;
  /** Called before each request, since certificates are renewed on disk. Changed material opens new connections. */
  readonly tls?: (() => HttpTls | Promise<HttpTls>) | undefined;
  /**
   * `none` (the default) ignores the environment; `environment` uses HTTPS_PROXY and NO_PROXY as they are at the first call;
   * anything else is the URL of a proxy. A user name and password in it are sent to the proxy, so the URL is then a credential.
   * All requests use CONNECT, so the proxy sees only the host and port. A unix socket uses no proxy.
   */
  readonly proxy?: "none" | "environment" | (string & {}) | undefined;
  /** The name of this program in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
  /** The time to establish a connection, including proxy and TLS. Default: 5 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** The time from the connection to the head of the response, and between two chunks of its body. Default: 8 s. */
  readonly idleTimeoutMs?: number | undefined;
  /** The time to the last byte of a response, or to the head of a stream. Default: 9 s, as core gives up after 10. */
  readonly answerTimeoutMs?: number | undefined;
}

/** One request. */
export interface HttpRequest {
  /** Default: GET. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** A template of the path below the base path; see `fillPath`. Errors contain it unfilled. */
  readonly path: string;
  /** The values of the template, not encoded. */
  readonly values?: UrlValues | undefined;
  /** Undefined values are left out. Errors never contain it. */
  readonly query?: QueryValues | undefined;
  /** Undefined values are left out. Errors never contain them. Default of `accept`: application/json. */
  readonly headers?: HttpHeaders | undefined;
  /** The body, sent as JSON with its content type. For another type, pass `body` and a `content-type` header instead. */
  readonly json?: unknown;
  readonly body?: string | Uint8Array | undefined;
  /** The client certificate for this request, instead of the one of `tls`. */
  readonly clientCertificate?: Required<Pick<HttpTls, "certificate" | "key">> | undefined;
  /** Statuses other than 2xx that are returned as a response, such as 304 and 404; all others throw. */
  readonly accept?: readonly number[] | undefined;
  /** Whether the request may be sent again if the server had closed the reused connection. Default: true for GET and HEAD. */
  readonly replayable?: boolean | undefined;
  /** The maximum size of a body, or of one line of a stream, after decompression. Default: 2 MiB. */
  readonly maxBytes?: number | undefined;
}

/** A request whose response is a stream of lines. */
export interface HttpStreamRequest extends HttpRequest {
  /** The maximum time between two chunks of the body, after which the connection counts as lost. Must exceed the keep-alive interval of the server. */
  readonly idleTimeoutMs: number;
}

/**
 * The HTTP client of a provider, for any number of concurrent calls. It logs nothing, and repeats a request only if the server had closed
 * the reused connection.
 */
export interface HttpClient {
  /**
   * Sends a request and reads the whole response. An abort rejects with the signal's reason.
   * @throws {SecretError} UNAUTHENTICATED (401, and `credential-malformed` for a character that is not allowed in a header),
   * PERMISSION_DENIED (403), THROTTLED (429), UNAVAILABLE (408, 5xx, network, TLS, deadlines), INTERNAL (the rest), INVALID_NAME
   * `path`, INVALID_CONFIG for a proxy that is not an http or https URL, CLOSED. `retryAfterMs` is the pause that the server asks
   * for. No error contains a header, a query, a value or a body.
   */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer>;
  /**
   * Sends a request and resolves with the head of the response. The signal and `close` also end the body. A stream occupies one
   * connection and does not keep the process alive.
   * @throws {SecretError} as `request` does; iterating the lines throws the same errors
   */
  stream(request: HttpStreamRequest, context: CallContext): Promise<HttpLines>;
  /** Ends all calls with CLOSED and destroys all sockets; idempotent. */
  close(): Promise<void>;
}
