import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { record } from "./object-meta.ts";

/** A verb on one object, as access rules name it. */
export interface Access {
  readonly verb: "get" | "watch" | "list" | "create";
  /** `secrets`, or `serviceaccounts/token`. */
  readonly resource: string;
  readonly namespace: string;
  /** Absent for all of them. */
  readonly name?: string | undefined;
}

/** Whether the API server itself says that one object is not there: something else that answers 404 knows nothing of it. */
export function saysNotFound(answer: HttpAnswer): boolean {
  const status = record(answer.json());
  return status?.kind === "Status" && status.reason === "NotFound";
}

/** Whether the API server itself has written a failure. */
export function isStatus(answer: HttpAnswer): boolean {
  try {
    return record(answer.json())?.kind === "Status";
  } catch {
    return false;
  }
}

/** For an object that the API server cannot read while it serves others, as one that was encrypted under a key that is gone. */
export function objectFailure({ message, reason, retryAfterMs, cause }: SecretError): SecretError {
  return new SecretError("UNAVAILABLE", message, {
    reason,
    retryAfterMs,
    cause,
    scope: "path",
    tip: "The API server is ready but cannot read this object: check its log and the keys of its encryption at rest.",
  });
}

/** For a 403, with the rule that is missing. Names of objects are no secret; what the server wrote is not told. */
export function deniedFailure(access: Access): SecretError {
  return new SecretError("PERMISSION_DENIED", `this identity may not ${sentence(access)}`, {
    reason: "access-rule",
    tip: `Bind a Role in that namespace with this rule: ${ruleFor(access)}`,
  });
}

/** `get "db" of secrets in the namespace "apps"` */
export function sentence({ verb, resource, namespace, name }: Access): string {
  const what = name === undefined ? `all ${resource}` : `"${name}" of ${resource}`;
  return `${verb} ${what} in the namespace "${namespace}"`;
}

/** The least rule that allows it, as a Role writes it. */
export function ruleFor({ verb, resource, name }: Access): string {
  const verbs = resource !== "secrets" ? `["${verb}"]` : name === undefined ? '["list", "watch"]' : '["get", "watch"]';
  const names = name === undefined ? "" : `resourceNames: ["${name}"], `;
  return `{ apiGroups: [""], resources: ["${resource}"], ${names}verbs: ${verbs} }`;
}

/** For a login that the API server refuses where no other one is to be had. */
export function refusedFailure({ message, retryAfterMs, cause }: SecretError): SecretError {
  return new SecretError("UNAUTHENTICATED", message, {
    reason: "login-refused",
    retryAfterMs,
    cause,
    tip: "The token or certificate has expired, was revoked, or belongs to another cluster or audience.",
  });
}

/** For a denial of a server that is not ready to judge. */
export function startingFailure(): SecretError {
  return new SecretError("UNAVAILABLE", "the API server denied a request before its authorizer was ready", {
    reason: "api-server-starting",
    tip: "It denies everything while it starts. If this persists, check its /readyz and the Role.",
  });
}
