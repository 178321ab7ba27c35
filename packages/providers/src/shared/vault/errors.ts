import { SecretError, type SecretErrorCode } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";

/** The meaning of a status. */
interface Meaning {
  readonly code: SecretErrorCode;
  readonly what: string;
  readonly reason: string;
  readonly tip: string;
  /** Default: depends on the code. */
  readonly retryable?: boolean;
}

/** A failed call. */
export interface FailedCall {
  readonly method: string;
  /** The template of the path, without values. */
  readonly path: string;
  /** The messages of Vault, which distinguish failures with the same status; none if Vault has not written the response. Errors never contain them. */
  readonly words: readonly string[];
}

/** Returns the error of a failed response in the terms of Vault. It contains no text of the server. */
export function vaultFailure(answer: HttpAnswer, call: FailedCall): SecretError {
  if (answer.status === 400 && missesToken(call.words)) return noToken(400);
  const meaning = meaningOf(answer.status, call);
  const plain = answer.failure();
  // The status has no specific meaning in Vault.
  if (meaning === undefined) return plain;
  const { code, what, reason, tip, retryable } = meaning;
  return new SecretError(code, `${call.method} ${call.path} was answered with ${answer.status}: ${what}`, {
    reason,
    tip,
    retryable,
    retryAfterMs: plain.retryAfterMs,
    cause: plain.cause,
    ...(isOfOnePath(answer.status, call) && { scope: "path" as const }),
  });
}

/**
 * Returns whether a 412 means that the node lags behind the active one, rather than that the header X-Vault-Request is missing.
 * With server-side consistent tokens, Vault sends it even without an index in the request. The request was not executed.
 * @see https://developer.hashicorp.com/vault/docs/enterprise/consistency
 */
export function isBehind(words: readonly string[]): boolean {
  return !words.some((text) => /X-Vault-Request/i.test(text));
}

/** Returns whether a KV mount is being upgraded to version 2, which is also the case shortly after its creation. */
function isUpgrading(words: readonly string[]): boolean {
  return words.some((text) => /upgrad\w+ from non-versioned/i.test(text));
}

/** Returns whether Vault reports that the request had no token. */
export function missesToken(words: readonly string[]): boolean {
  return words.some((text) => /missing client token/i.test(text));
}

/** Returns the error of a request that reached Vault without a token, because the Agent or Proxy had none to add. */
export function noToken(status: 400 | 403): SecretError {
  return new SecretError("UNAUTHENTICATED", `Vault answered ${status}: the request had no valid token`, {
    reason: "agent-not-logged-in",
    tip: 'The Agent or Proxy has not logged in, or its token may not look itself up, which the policy `default` allows; without an Agent or Proxy, set `auth` to a method other than "none".',
  });
}

function meaningOf(status: number, { words, path }: FailedCall): Meaning | undefined {
  // sys/health has a status for each state of the node; for other paths, 429 means a quota.
  if (status === 429 && path !== "sys/health") return undefined;
  if (status === 400 && isUpgrading(words)) return upgrading;
  if (status === 412) return isBehind(words) ? behind : withoutRequestHeader;
  if (status === 500) return isOfOnePath(status, { words, path }) ? failedPath : undefined;
  // Vault also sends 503 for other reasons.
  if (status === 503) return words.some((text) => /\bsealed\b/i.test(text)) ? sealed : undefined;
  return meanings[status];
}

/** Returns whether an error concerns only this path: 500 or 502 with a message of Vault, which still serves other secrets. */
function isOfOnePath(status: number, { words, path }: Pick<FailedCall, "words" | "path">): boolean {
  return (status === 500 || status === 502) && words.length > 0 && !/^(sys|auth)\//.test(path);
}

const standbyTip = "Check that the cluster has an active node, and that this one can reach it.";

const failedPath: Meaning = {
  code: "UNAVAILABLE",
  what: "Vault could not read the stored secret",
  reason: "server-error",
  tip: "Check Vault's log; other secrets are still read.",
};

const sealed: Meaning = {
  code: "UNAVAILABLE",
  what: "Vault is sealed",
  reason: "sealed",
  tip: "Unseal it; values that were already read are still served.",
};

const behind: Meaning = {
  code: "UNAVAILABLE",
  what: "this node has not caught up with the active one",
  reason: "index-behind",
  tip: "Check the replication lag of the standby nodes.",
};

const upgrading: Meaning = {
  code: "UNAVAILABLE",
  what: "the KV mount is being upgraded to version 2",
  reason: "upgrading",
  tip: "Wait: Vault completes the upgrade itself, and values that were already read are still served.",
};

const withoutRequestHeader: Meaning = {
  code: "INVALID_CONFIG",
  what: "a listener requires the header X-Vault-Request, which was sent",
  reason: "request-header",
  tip: "Something between this process and the Agent or Proxy removes the header; allow it.",
};

const meanings: Readonly<Record<number, Meaning>> = {
  400: {
    code: "INTERNAL",
    what: "the request is not valid for the engine that is mounted there",
    reason: "bad-request",
    tip: "Check `engine` and the path; Vault also answers like this for an unknown role.",
    retryable: false,
  },
  403: {
    code: "PERMISSION_DENIED",
    what: "the token's policies do not allow it, or the token is invalid",
    reason: "policy",
    tip: "Run `vault token capabilities` for this path; docs/providers/vault.md lists the policy that each engine needs.",
  },
  404: {
    code: "INVALID_CONFIG",
    what: "nothing is mounted there, or the path is not valid for the engine",
    reason: "no-mount",
    tip: "Check `mount`, `mounts` and `namespace`.",
  },
  405: {
    code: "INVALID_CONFIG",
    what: "the engine that is mounted there does not support this operation",
    reason: "unsupported-operation",
    tip: "Check `engine`, which determines the request.",
  },
  413: {
    code: "INTERNAL",
    what: "the request is larger than the listener allows",
    reason: "request-too-large",
    tip: "Check max_request_size of the listener.",
    retryable: false,
  },
  429: { code: "UNAVAILABLE", what: "this node is a standby", reason: "standby", tip: standbyTip },
  472: {
    code: "UNAVAILABLE",
    what: "this node is in a disaster-recovery secondary, which does not serve requests",
    reason: "dr-secondary",
    tip: "Use the address of the primary cluster, or promote this one.",
  },
  473: { code: "UNAVAILABLE", what: "this node is a performance standby", reason: "standby", tip: standbyTip },
  474: {
    code: "UNAVAILABLE",
    what: "this node is a standby that cannot reach the active node",
    reason: "standby",
    tip: standbyTip,
  },
  501: {
    code: "UNAVAILABLE",
    what: "Vault has not been initialised",
    reason: "not-initialized",
    tip: "Initialise it with `vault operator init`, and unseal it.",
  },
  502: {
    code: "UNAVAILABLE",
    what: "a service that Vault called failed",
    reason: "upstream",
    tip: "Check Vault's log: a plugin, a cloud or an identity service failed or throttles its calls.",
  },
  530: {
    code: "UNAVAILABLE",
    what: "this node was removed from the cluster",
    reason: "removed-node",
    tip: "Use the address of a member of the cluster.",
  },
};
