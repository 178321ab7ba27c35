import { type Clock, SecretError, type SecretErrorCode, type SecretErrorOptions } from "@tacit/core/provider";
import { parseRetryAfter } from "./retry-after.ts";

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

/** How a failed call is reported; the code is UNAVAILABLE unless it is given. */
export interface Advice {
  readonly code?: SecretErrorCode;
  readonly reason: string;
  readonly tip: string;
}

/** Turns a status into an error: method, host, path template, status, the pause that the server asks for, and its request id. */
export function statusFailure(label: RequestLabel, status: number, header: HeaderLookup, clock: Clock): SecretError {
  const code = statusCodes[status] ?? (status >= 500 ? "UNAVAILABLE" : "INTERNAL");
  const isRedirect = status >= 300 && status < 400 && header("location") !== undefined;
  const target = isRedirect ? `, a redirect to ${redirectTarget(header)?.host ?? "itself"}, which is not followed` : "";
  return new SecretError(code, `${told(label)} was answered with ${status}${target}`, {
    retryAfterMs: parseRetryAfter(header("retry-after"), clock, serverTimeOf(header)),
    cause: { name: "HttpError", status, requestId: requestIdHeaders.map(header).find((id) => id !== undefined) },
    ...(isRedirect ? redirectAdvice : statusAdvice[code]),
  });
}

/** Returns what the server takes for now, exact to the second, in milliseconds since the epoch; undefined where it does not say. */
export function serverTimeOf(header: HeaderLookup): number | undefined {
  const time = Date.parse(header("date") ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** Where a Location header leads: scheme, host and port. Path and query may hold tokens, and stay behind. */
export function redirectTarget(header: HeaderLookup): { readonly origin: string; readonly host: string } | undefined {
  const location = header("location") ?? "";
  if (!URL.canParse(location)) return undefined;
  const { protocol, origin, host } = new URL(location);
  return /^https?:$/.test(protocol) ? { origin, host } : undefined;
}

/** For a call that took too long. @param what which of its deadlines passed */
export function timeoutFailure(label: RequestLabel, what: string): SecretError {
  return callFailure(label, what, {
    reason: "timeout",
    tip: "Check the load of the store and the network in between.",
  });
}

/** For an answer that is no HTTP, JSON or UTF-8 where it should be. @param what names it; never quotes it */
export function malformedFailure(label: RequestLabel, what: string): SecretError {
  return callFailure(label, `was answered with ${what}`, {
    code: "INTERNAL",
    reason: "malformed-answer",
    tip: "Check that the URL leads to the store, not to a login page.",
  });
}

/** For an answer, or a line of one, above its cap. */
export function tooLargeFailure(label: RequestLabel, what: string, maxBytes: number): SecretError {
  return callFailure(label, `was answered with ${what} above ${maxBytes} bytes`, {
    code: "INTERNAL",
    reason: "answer-too-large",
    tip: "Check that the URL leads to the store, and check the size of the secret.",
  });
}

/** Makes the error of a call. @param errno the code of the error that caused it, which is all that is kept of that */
export function callFailure(label: RequestLabel, what: string, advice: Advice, errno = ""): SecretError {
  const { code = "UNAVAILABLE", reason, tip } = advice;
  const cause = errno === "" ? undefined : { name: "HttpError", code: errno };
  return new SecretError(code, `${told(label)} ${what}`, { reason, tip, cause });
}

/** The code of a foreign error; empty if it has none. Deno gives its denials a name alone. */
export function errorCode(error: unknown): string {
  if ((error as { name?: unknown } | null | undefined)?.name === "NotCapable") return "ERR_ACCESS_DENIED";
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Statuses that mean the same everywhere; of the others 5xx are UNAVAILABLE, the rest INTERNAL. */
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

/** Widely used names; core keeps an id only if it looks like one. */
const requestIdHeaders = ["x-request-id", "request-id", "x-correlation-id", "audit-id", "x-amzn-requestid"];

function told({ method, host, template }: RequestLabel): string {
  return `${method} ${host}${template}`;
}
