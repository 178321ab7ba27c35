import { type CallContext, type ProviderHost, type ProviderResult, SecretError } from "@tacit/core/provider";
import type { ApiConnection } from "./api-connection.ts";
import { deniedFailure, saysNotFound } from "./api-status.ts";
import { record } from "./object-meta.ts";
import type { KubernetesOptions } from "./options.ts";
import type { SecretPlace } from "./secret-read.ts";

/**
 * Asks for a token of a service account: the field `token`, which ends when the API server says so. Each read is a new token;
 * the client reads again well before the end, and not at each poll of a token that it holds.
 * @throws {SecretError} PERMISSION_DENIED `access-rule`, INTERNAL `malformed-answer`, and what a request throws
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export async function readToken(
  connection: ApiConnection,
  { namespace, name }: SecretPlace,
  { audiences, expirationMs, host }: KubernetesOptions["token"] & { readonly host: ProviderHost },
  context: CallContext,
): Promise<ProviderResult> {
  const answer = await connection.request(
    {
      method: "POST",
      path: "/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
      values: { namespace, name },
      json: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          ...(audiences.length > 0 && { audiences }),
          expirationSeconds: Math.ceil(expirationMs / 1000),
        },
      },
      accept: [403, 404],
    },
    context,
  );
  if (answer.status === 403)
    throw deniedFailure({ verb: "create", resource: "serviceaccounts/token", namespace, name });
  if (answer.status === 404 && saysNotFound(answer)) return { status: "not-found", definitive: true };
  if (answer.status === 404) throw answer.failure();
  const { token, expirationTimestamp } = record(record(answer.json())?.status) ?? {};
  const expiresAt = new Date(String(expirationTimestamp));
  if (typeof token !== "string" || token === "" || Number.isNaN(expiresAt.getTime())) throw malformed();
  const payload = { kind: "fields", fields: new Map([["token", new TextEncoder().encode(token)]]) } as const;
  return { status: "ok", payload, version: host.contentVersion(payload), expiresAt };
}

function malformed(): SecretError {
  return new SecretError("INTERNAL", "the API server answered a request for a token with something else", {
    reason: "malformed-answer",
    tip: "Check that the address leads to a Kubernetes API server.",
  });
}
