import { type Clock, SecretError, type SecretErrorCode, type SecretErrorOptions } from "@tacit/core/provider";
import { parseRetryAfter } from "./http-retry-after.ts";

/** What may be told of a request: none of it comes from a server, a header or a value. */
export interface RequestLabel {
  readonly method: string;
  /** Host and port of the URL. */
  readonly host: string;
  /** The path as its adapter wrote it, before values were put in. */
  readonly template: string;
}

/** Looks a header up by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** The codes of statuses that mean the same everywhere; the other 5xx are UNAVAILABLE, the rest INTERNAL. */
const statusCodes: Readonly<Record<number, SecretErrorCode>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  408: "UNAVAILABLE",
  429: "THROTTLED",
};

const requestIdHeaders = ["x-request-id", "request-id", "x-correlation-id", "audit-id", "x-amzn-requestid"];

/** Turns a status into an error: method, host, path template, status, the pause that the server asks for, and its request id. */
export function statusFailure(label: RequestLabel, status: number, header: HeaderLookup, clock: Clock): SecretError {
  const code = statusCodes[status] ?? (status >= 500 ? "UNAVAILABLE" : "INTERNAL");
  const requestId = requestIdHeaders.map(header).find((id) => id !== undefined);
  const retryAfterMs = parseRetryAfter(header("retry-after"), clock);
  const redirect = status >= 300 && status < 400 ? redirectOrigin(header) : undefined;
  const target = redirect === undefined ? "" : `, a redirect to ${redirect.host}, which is not followed`;
  return new SecretError(code, `${told(label)} was answered with ${status}${target}`, {
    retryAfterMs,
    cause: { name: "HttpError", status, requestId },
    ...(redirect === undefined ? statusAdvice(code) : redirectAdvice),
  });
}

/** Scheme, host and port of a Location header. Its path and query may hold tokens, and stay behind. */
export function redirectOrigin(header: HeaderLookup): { readonly origin: string; readonly host: string } | undefined {
  const location = header("location") ?? "";
  if (!URL.canParse(location)) return undefined;
  const { protocol, origin, host } = new URL(location);
  return /^https?:$/.test(protocol) ? { origin, host } : undefined;
}

/** For a call that took too long. @param what which of its deadlines passed */
export function timeoutFailure(label: RequestLabel, what: string): SecretError {
  return failed(label, what, ["UNAVAILABLE", "timeout", "Look at the store's load and at the way to it."]);
}

/** For a proxy that answers CONNECT with anything but 200, or not at all. The store has said nothing then. */
export function proxyFailure(label: RequestLabel, cause: unknown): SecretError {
  const advice: Advice = [
    "UNAVAILABLE",
    "proxy",
    "Check the proxy's address, its login, and whether it lets this host through.",
  ];
  return failed(label, "failed: the proxy opened no tunnel", advice, cause);
}

/** For an answer that is no HTTP, JSON, UTF-8 or gzip where it should be. */
export function malformedFailure(label: RequestLabel, what: string): SecretError {
  return failed(label, `was answered with ${what}`, malformed);
}

/** For an answer, or a line of one, above its cap. */
export function tooLargeFailure(label: RequestLabel, what: string, maxBytes: number): SecretError {
  const tip = "Check that the URL leads to the store.";
  return failed(label, `was answered with ${what} above ${maxBytes} bytes`, ["INTERNAL", "answer-too-large", tip]);
}

/** Turns what the network, TLS or the HTTP parser threw into an error. Only its error code is looked at. */
export function networkFailure(label: RequestLabel, error: unknown): SecretError {
  const code = errorCode(error);
  const [, what, advice] = causes.find(([pattern]) => pattern.test(code)) ?? unforeseen;
  return failed(label, `failed: ${what}`, advice, error);
}

type Advice = readonly [code: SecretErrorCode, reason: string, tip: string];

const malformed: Advice = [
  "INTERNAL",
  "malformed-answer",
  "Check that the URL leads to the store, not to a login page.",
];
const redirectAdvice: SecretErrorOptions = {
  reason: "redirect",
  tip: "Write the address that it leads to as the URL, if that is the store; a login page means that a proxy is in the way.",
};
const connection = "Check host and port of the URL, and that this machine may reach them.";
const tls =
  'Check "tls": the authority that signed the certificate, the server name, and the client certificate if one is asked for.';

/** error codes of Node -> what they mean here; the first match counts */
const causes: readonly (readonly [RegExp, string, Advice])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, "its host name cannot be resolved", ["UNAVAILABLE", "dns", connection]],
  [/^(ECONNREFUSED|ENOENT)$/, "nothing listens there", ["UNAVAILABLE", "connection-refused", connection]],
  [
    /^(E(HOST|NET)UNREACH|E(HOST|NET)DOWN|EADDRNOTAVAIL|EACCES|EPERM)$/,
    "it cannot be reached from here",
    ["UNAVAILABLE", "unreachable", connection],
  ],
  [
    /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_\w+)$/,
    "the connection broke off",
    ["UNAVAILABLE", "connection-reset", connection],
  ],
  [/^ETIMEDOUT$/, "the network gave no answer", ["UNAVAILABLE", "timeout", connection]],
  [
    /^E[MN]FILE$/,
    "too many files and sockets are open",
    ["UNAVAILABLE", "too-many-open-files", "Raise the limit of open files."],
  ],
  [
    /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|EPROTO|CRL_)/,
    "TLS could not be agreed on",
    ["UNAVAILABLE", "tls", tls],
  ],
  [/^(HPE_|Z_)/, "the answer is malformed", malformed],
];
const unforeseen: (typeof causes)[number] = [
  /^/,
  "for a cause that nobody foresaw",
  ["INTERNAL", "unexpected", "Report it, with the scrubbed cause."],
];

function statusAdvice(code: SecretErrorCode): SecretErrorOptions {
  if (code === "UNAVAILABLE") return { reason: "server-error", tip: "Look at the store's own log." };
  if (code === "INTERNAL")
    return { reason: "unexpected-status", tip: "Check that the URL and the path lead to the store." };
  return {};
}

function failed(label: RequestLabel, what: string, [code, reason, tip]: Advice, cause?: unknown): SecretError {
  const errno = errorCode(cause);
  return new SecretError(code, `${told(label)} ${what}`, {
    reason,
    tip,
    ...(errno !== "" && { cause: { name: "HttpError", code: errno } }),
  });
}

function told({ method, host, template }: RequestLabel): string {
  return `${method} ${host}${template}`;
}

function errorCode(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}
