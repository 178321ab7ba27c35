import { SecretError, type SecretErrorCode } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";

/** The meaning of a failed response of a store. */
export interface StatusMeaning {
  readonly code: SecretErrorCode;
  /** The end of the message: `the token may not read this config`. */
  readonly what: string;
  readonly reason: string;
  readonly tip: string;
  /** Default: depends on the code. */
  readonly retryable?: boolean;
  /** `path` if the error concerns only this path. Default: depends on the code. */
  readonly scope?: "path";
  /** The pause in milliseconds if the response has no Retry-After header. */
  readonly retryAfterMs?: number;
}

/** Returns the meaning of a login that the store refuses. */
export function loginRefused(tip: string, what = "the login was refused"): StatusMeaning {
  return { code: "UNAUTHENTICATED", what, reason: "login-refused", tip };
}

/** Returns the meaning of a right that this identity lacks. */
export function rightMissing(what: string, tip: string): StatusMeaning {
  return { code: "PERMISSION_DENIED", what, reason: "policy", tip };
}

/** The request of a failed response, as it appears in errors: the path is the template, without values. */
export interface FailedRequest {
  readonly method?: string | undefined;
  readonly path: string;
}

/** Returns the meaning of a response that the store has not written, such as the refusal of a proxy or firewall. @param option the option with the address */
export function foreignAnswer(store: string, option: "url" | "endpoint"): StatusMeaning {
  return {
    code: "INTERNAL",
    what: `a server other than ${store} answered`,
    reason: "malformed-answer",
    tip: `Check proxies and firewalls in between, and \`${option}\`.`,
  };
}

/** Returns the error of a failed response. It contains no text of the server. */
export function statusError(
  store: string,
  answer: HttpAnswer,
  { method = "GET", path }: FailedRequest,
  meaning: StatusMeaning,
): SecretError {
  const { code, what, reason, tip, retryable, scope, retryAfterMs } = meaning;
  // Provides the pause that the server asks for, and its request id.
  const plain = answer.failure();
  return new SecretError(code, `${store} answered ${method} ${path} with ${answer.status}: ${what}`, {
    reason,
    tip,
    retryable,
    retryAfterMs: plain.retryAfterMs ?? retryAfterMs,
    cause: plain.cause,
    ...(scope !== undefined && { scope }),
  });
}

/** Returns the members of a body that is a JSON object; none for any other body, such as that of a proxy. */
export function membersOf(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    return answer.record();
  } catch {
    return {};
  }
}
