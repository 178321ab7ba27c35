import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { record } from "./object-meta.ts";

/** A verb on one object or on all objects, in the terms of access rules. */
export interface Access {
  readonly verb: "get" | "watch" | "list" | "create";
  /** `secrets`, or `serviceaccounts/token`. */
  readonly resource: string;
  readonly namespace: string;
  /** Absent for all objects. */
  readonly name?: string | undefined;
}

/** Whether the API server itself reports that one object does not exist; a 404 of anything else does not mean that. */
export function saysNotFound(answer: HttpAnswer): boolean {
  const status = record(answer.json());
  return status?.kind === "Status" && status.reason === "NotFound";
}

/** Whether the API server itself has written the failure. */
export function isStatus(answer: HttpAnswer): boolean {
  try {
    return record(answer.json())?.kind === "Status";
  } catch {
    return false;
  }
}

/**
 * Creates the error for an object that the API server cannot read although it is ready, for example because the encryption key
 * is lost.
 */
export function objectFailure({ message, reason, retryAfterMs, cause }: SecretError): SecretError {
  return new SecretError("UNAVAILABLE", message, {
    reason,
    retryAfterMs,
    cause,
    scope: "path",
    tip: "The API server is ready but cannot read this object: check its log and the keys of its encryption at rest.",
  });
}

/**
 * Creates the error for a 403, with the missing rule. It contains names of objects, which are not secret, but nothing that the
 * server wrote.
 */
export function deniedFailure(access: Access): SecretError {
  return new SecretError("PERMISSION_DENIED", `this identity may not ${sentence(access)}`, {
    reason: "access-rule",
    tip: `Bind a Role in that namespace with this rule: ${ruleFor(access)}`,
  });
}

/** Returns the words for an access, such as `get "db" of secrets in the namespace "apps"`. */
export function sentence({ verb, resource, namespace, name }: Access): string {
  const what = name === undefined ? `all ${resource}` : `"${name}" of ${resource}`;
  return `${verb} ${what} in the namespace "${namespace}"`;
}

/** Returns the minimal rule that allows an access, in the syntax of a Role. */
export function ruleFor({ verb, resource, name }: Access): string {
  const verbs = resource !== "secrets" ? `["${verb}"]` : name === undefined ? '["list", "watch"]' : '["get", "watch"]';
  const names = name === undefined ? "" : `resourceNames: ["${name}"], `;
  return `{ apiGroups: [""], resources: ["${resource}"], ${names}verbs: ${verbs} }`;
}

/** Creates the error for a login that the API server refuses although it is the newest one. */
export function refusedFailure({ message, retryAfterMs, cause }: SecretError): SecretError {
  return new SecretError("UNAUTHENTICATED", message, {
    reason: "login-refused",
    retryAfterMs,
    cause,
    tip: "The token or certificate has expired, was revoked, or belongs to another cluster or audience.",
  });
}

/** Creates the error for a denial by a server that is not ready yet. */
export function startingFailure(): SecretError {
  return new SecretError("UNAVAILABLE", "the API server denied a request before its authorizer was ready", {
    reason: "api-server-starting",
    tip: "It denies everything while it starts. If this persists, check its /readyz and the Role.",
  });
}
