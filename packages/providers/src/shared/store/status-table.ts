import { SecretError, type SecretErrorCode } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";

/** The meaning of one failed answer in the terms of its store. */
export interface StatusMeaning {
  readonly code: SecretErrorCode;
  /** The end of the message: `the token may not read this config`. */
  readonly what: string;
  readonly reason: string;
  readonly tip: string;
  /** Default: as the code says. */
  readonly retryable?: boolean;
  /** `path` where the store has answered and serves its other secrets. */
  readonly scope?: "path";
  /** The pause where the store names none. */
  readonly retryAfterMs?: number;
}

/** The request of a failed answer, as errors tell it: the path as its adapter wrote it. */
export interface FailedRequest {
  readonly method?: string | undefined;
  readonly path: string;
}

/** The meaning of a refusal that the store has not written: what a proxy or a firewall refuses says nothing of a secret. @param option of the address */
export function foreignAnswer(store: string, option: "url" | "endpoint"): StatusMeaning {
  return {
    code: "INTERNAL",
    what: `a server other than ${store} answered`,
    reason: "malformed-answer",
    tip: `Check proxies and firewalls in between, and \`${option}\`.`,
  };
}

/** Turns a failed answer into an error with its meaning: nothing that the server wrote is in it. */
export function statusError(
  store: string,
  answer: HttpAnswer,
  { method = "GET", path }: FailedRequest,
  meaning: StatusMeaning,
): SecretError {
  const { code, what, reason, tip, retryable, scope, retryAfterMs } = meaning;
  // The pause that the server asks for, and its request id.
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

/** Returns the members of a body that is a JSON object, and none for any other: what a proxy wrote is no store's answer. */
export function membersOf(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    return answer.record();
  } catch {
    return {};
  }
}
