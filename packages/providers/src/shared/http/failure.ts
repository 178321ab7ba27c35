import { type Clock, SecretError, type SecretErrorCode, type SecretErrorOptions } from "@tacit/core/provider";
import { parseRetryAfter } from "./retry-after.ts";

/** The parts of a request that messages may contain: nothing from a server, a header or a value. */
export interface RequestLabel {
  readonly method: string;
  /** The host and port of the URL; `unix:` for a socket. */
  readonly host: string;
  /** The path template, without values. */
  readonly template: string;
}

/** Returns a header by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** The code, reason and tip of a failed call. Default of the code: UNAVAILABLE. */
export interface Advice {
  readonly code?: SecretErrorCode;
  readonly reason: string;
  readonly tip: string;
}

/** Returns the error of a status, with method, host, path template, the pause that the server asks for, and its request id. */
export function statusFailure(label: RequestLabel, status: number, header: HeaderLookup, clock: Clock): SecretError {
  const { code, what, advice } = meaningOf(status, header);
  return new SecretError(code, `${requestText(label)} was answered with ${status}${what}`, {
    retryAfterMs: parseRetryAfter(header("retry-after"), clock, serverTimeOf(header)),
    cause: { name: "HttpError", status, requestId: requestIdHeaders.map(header).find((id) => id !== undefined) },
    ...advice,
  });
}

/** Returns whether an answer is an HTML page, such as the login of a proxy. No store answers a program with one. */
export function isPage(header: HeaderLookup): boolean {
  return /^(text\/html|application\/xhtml\+xml)\b/i.test(header("content-type") ?? "");
}

/** Returns the time of the Date header, exact to the second, in milliseconds since the epoch; undefined without a valid one. */
export function serverTimeOf(header: HeaderLookup): number | undefined {
  const time = Date.parse(header("date") ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** Returns the origin and host of a Location header with an http or https URL. Path and query are omitted, since they may contain tokens. */
export function redirectTarget(header: HeaderLookup): { readonly origin: string; readonly host: string } | undefined {
  const location = header("location") ?? "";
  if (!URL.canParse(location)) return undefined;
  const { protocol, origin, host } = new URL(location);
  return /^https?:$/.test(protocol) ? { origin, host } : undefined;
}

/** Returns the error of a call that has exceeded a deadline. @param what describes the deadline */
export function timeoutFailure(label: RequestLabel, what: string): SecretError {
  return callFailure(label, what, {
    reason: "timeout",
    tip: "Check the load of the store and the network in between.",
  });
}

/** Returns the error of a response in an unexpected format. @param what describes the response without quoting it */
export function malformedFailure(label: RequestLabel, what: string): SecretError {
  return callFailure(label, `was answered with ${what}`, {
    code: "INTERNAL",
    reason: "malformed-answer",
    tip: "Check that the URL leads to the store, not to a login page.",
  });
}

/** Returns the error of a response, or a line of one, that exceeds its limit. */
export function tooLargeFailure(label: RequestLabel, what: string, maxBytes: number): SecretError {
  return callFailure(label, `was answered with ${what} above ${maxBytes} bytes`, {
    code: "INTERNAL",
    reason: "answer-too-large",
    tip: "Check that the URL leads to the store, and check the size of the secret.",
  });
}

/** Returns the error of a call. @param errno the code of the underlying error, the only part of it that is kept */
export function callFailure(label: RequestLabel, what: string, advice: Advice, errno = ""): SecretError {
  const { code = "UNAVAILABLE", reason, tip } = advice;
  const cause = errno === "" ? undefined : { name: "HttpError", code: errno };
  return new SecretError(code, `${requestText(label)} ${what}`, { reason, tip, cause });
}

/** Returns the code of any error; an empty text if it has none. Denials of Deno have only a name. */
export function errorCode(error: unknown): string {
  if ((error as { name?: unknown } | null | undefined)?.name === "NotCapable") return "ERR_ACCESS_DENIED";
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Returns what a status says, and the end of its message. */
function meaningOf(
  status: number,
  header: HeaderLookup,
): { readonly code: SecretErrorCode; readonly what: string; readonly advice: SecretErrorOptions | undefined } {
  if (status >= 300 && status < 400 && header("location") !== undefined) {
    const target = redirectTarget(header)?.host ?? "itself";
    return { code: "INTERNAL", what: `, a redirect to ${target}, which is not followed`, advice: redirectAdvice };
  }
  // A firewall in between refuses with a page, and knows nothing of the rights of this identity.
  if (status === 403 && isPage(header)) return { code: "INTERNAL", what: " and a page in HTML", advice: pageAdvice };
  const code = statusCodes[status] ?? (status >= 500 ? "UNAVAILABLE" : "INTERNAL");
  return { code, what: "", advice: statusAdvice[code] };
}

/** status -> error code; any other 5xx is UNAVAILABLE, the rest INTERNAL */
const statusCodes: Readonly<Record<number, SecretErrorCode>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  408: "UNAVAILABLE",
  429: "THROTTLED",
};

const statusAdvice: Readonly<Partial<Record<SecretErrorCode, SecretErrorOptions>>> = {
  UNAVAILABLE: { reason: "server-error", tip: "Check the log of the store." },
  INTERNAL: { reason: "unexpected-status", tip: "Check that the URL and the path lead to the store." },
};

const redirectAdvice: SecretErrorOptions = {
  reason: "redirect",
  tip: "If the redirect leads to the store, use its target as the URL; a redirect to a login page comes from a proxy.",
};

const pageAdvice: SecretErrorOptions = {
  reason: "malformed-answer",
  tip: "Check proxies and firewalls in between, and the URL: a store does not refuse a program with a page.",
};

/** Common names of the header with the request id. Core drops a value that does not look like an id. */
const requestIdHeaders = ["x-request-id", "request-id", "x-correlation-id", "audit-id", "x-amzn-requestid"];

function requestText({ method, host, template }: RequestLabel): string {
  return `${method} ${host}${template}`;
}
