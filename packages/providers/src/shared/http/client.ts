import type { CallContext } from "@tacit/core/provider";
import type { HttpAnswer } from "./answer.ts";
import type { HttpHeaders } from "./headers.ts";
import type { HttpLines } from "./lines.ts";
import type { QueryValues, UrlValues } from "./path.ts";
import type { UrlRules } from "./url.ts";

/** TLS material, PEM. */
export interface HttpTls {
  /** The authorities to trust, in place of Node's own list; also for a proxy that speaks TLS. */
  readonly ca?: string | Uint8Array | undefined;
  /** The client's certificate and key, where the store asks for them. */
  readonly certificate?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  /** The name that the store's certificate must bear, where it is not the host of the URL. */
  readonly serverName?: string | undefined;
  /** What errors call the parts: the option, variable or file that each comes from. By default `tls.ca` and so on. */
  readonly names?: Readonly<Partial<Record<"ca" | "certificate" | "key", string>>> | undefined;
  /** `false` trusts whoever answers, which health and diagnose have to report as an error. No environment variable can say it. */
  readonly verify?: boolean | undefined;
}

/** How a client reaches its store. Deadlines are in milliseconds. */
export interface HttpClientOptions extends UrlRules {
  /** Scheme, host, port and perhaps a base path, before which nothing can be reached. */
  readonly url: string;
  /** Asked before each request, as certificates are renewed on disk; other material than before opens new connections. */
  readonly tls?: (() => HttpTls | Promise<HttpTls>) | undefined;
  /**
   * `none` (the default), whatever the environment says; `environment`: what HTTPS_PROXY and NO_PROXY say when the first call
   * is made; else the URL of a proxy. A user name and password in it are sent to the proxy, and make it a credential. The
   * proxy only ever sees CONNECT, the host and the port. A unix socket is never led through one.
   */
  readonly proxy?: "none" | "environment" | (string & {}) | undefined;
  /** How this program is called in the store's audit log, after `tacit/<version>`. */
  readonly application?: string | undefined;
  /** To an open connection, through the proxy and with TLS. Default 5 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** The longest silence of the store, from the connection to the head of the answer and between two parts of its body. Default 8 s. */
  readonly idleTimeoutMs?: number | undefined;
  /** To the last byte of an answer, or to the head of a stream. Default 9 s: the client of core gives up at 10. */
  readonly answerTimeoutMs?: number | undefined;
}

/** One request. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** Written by the adapter, below the base path; `{name}` stands for one segment, `{+name}` and `{*name}` for several. Errors show it as it is. */
  readonly path: string;
  /** What `{name}` and `{+name}` stand for, not encoded. */
  readonly values?: UrlValues | undefined;
  /** Never shown. Undefined values are left out. */
  readonly query?: QueryValues | undefined;
  /** Never shown. `accept` is application/json unless given. */
  readonly headers?: HttpHeaders | undefined;
  /** Sent as JSON with its content type; for another body give `body` and a `content-type` header. */
  readonly json?: unknown;
  readonly body?: string | Uint8Array | undefined;
  /** The client's certificate for this request alone, in place of the one that the options give. */
  readonly clientCertificate?: Required<Pick<HttpTls, "certificate" | "key">> | undefined;
  /** The statuses beside 2xx that the adapter wants to see as an answer, such as 304 and 404; all others throw. */
  readonly accept?: readonly number[] | undefined;
  /** Whether it may be sent twice when a kept connection turns out to be closed. Default: GET and HEAD may. */
  readonly replayable?: boolean | undefined;
  /** The most that a body, or one line of a stream, may hold after decompression. Default 2 MiB. */
  readonly maxBytes?: number | undefined;
}

/** A request whose answer goes on. */
export interface HttpStreamRequest extends HttpRequest {
  /** The longest silence within the body. Above the period of the server's sign of life; a dead connection is noticed this late. */
  readonly idleTimeoutMs: number;
}

/** The HTTP connection of a provider to its store. Safe for any number of calls at once; it retries nothing and logs nothing. */
export interface HttpClient {
  /**
   * Sends a request and reads the whole answer. An abort rejects with the signal's reason.
   * @throws {SecretError} UNAUTHENTICATED (401), PERMISSION_DENIED (403), THROTTLED (429), UNAVAILABLE (408, 5xx, network, TLS,
   * deadlines), INTERNAL (the rest), INVALID_NAME `path`, INVALID_CONFIG for a proxy that is no http URL, CLOSED. A status comes
   * with `retryAfterMs` where the store names a pause. No error holds a header, a query, a value or a body.
   */
  request(request: HttpRequest, context: CallContext): Promise<HttpAnswer>;
  /**
   * Sends a request and answers when the head of the answer has come. The signal, and the client's close, also end the body.
   * A stream holds one connection and does not keep the process alive.
   * @throws {SecretError} as `request` does; so does the iteration
   */
  stream(request: HttpStreamRequest, context: CallContext): Promise<HttpLines>;
  /** Ends all calls with CLOSED and destroys every socket; idempotent. */
  close(): Promise<void>;
}
