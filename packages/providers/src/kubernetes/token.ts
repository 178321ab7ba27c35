import { type CallContext, type ProviderHost, type ProviderResult, SecretError } from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import { localTime, type ServerTimed } from "../shared/server-time.ts";
import type { KubernetesApi } from "./api.ts";
import { requestObject } from "./api.ts";
import { record } from "./object-meta.ts";
import type { KubernetesOptions } from "./options.ts";
import type { SecretLocation } from "./secret.ts";

/** What one provider needs to know of its tokens. */
export type TokenOptions = KubernetesOptions["token"];

/**
 * Reads tokens of service accounts: the field `token`, which ends when the API server says so. Each token is a new one, so
 * who asks whether its token is still current is told so until three quarters of its life are over: polling a token must
 * not rotate it. No token is kept for that, only its version.
 */
export class TokenReader {
  readonly #connection: KubernetesApi;
  readonly #options: TokenOptions;
  readonly #host: Pick<ProviderHost, "clock" | "contentVersion">;
  /** `namespace/name` -> the token that was issued last */
  readonly #issued = new Map<string, { readonly version: string; readonly renewAt: number }>();

  constructor(connection: KubernetesApi, options: TokenOptions, host: Pick<ProviderHost, "clock" | "contentVersion">) {
    this.#connection = connection;
    this.#options = options;
    this.#host = host;
  }

  /** @throws {SecretError} PERMISSION_DENIED `access-rule`, INTERNAL `malformed-answer`, and what a request throws */
  async read(location: SecretLocation, ifVersion: string | undefined, context: CallContext): Promise<ProviderResult> {
    const { clock } = this.#host;
    const key = `${location.namespace}/${location.name}`;
    const issued = this.#issued.get(key);
    if (issued !== undefined && issued.version === ifVersion && clock.now() < issued.renewAt)
      return { status: "not-modified", version: issued.version };
    const answer = await requestToken(this.#connection, location, this.#options, context);
    if (answer === undefined) return notFound;
    const { token, endsAt } = answer;
    const expiresAt = new Date(localTime(endsAt, answer, this.#host));
    const payload = { kind: "fields", fields: new Map([["token", new TextEncoder().encode(token)]]) } as const;
    const version = this.#host.contentVersion(payload);
    this.#issued.set(key, { version, renewAt: clock.now() + (expiresAt.getTime() - clock.now()) * 0.75 });
    return { status: "ok", payload, version, expiresAt };
  }
}

interface IssuedToken extends ServerTimed {
  readonly token: string;
  /** By the clock of the API server, in milliseconds since the epoch. */
  readonly endsAt: number;
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
async function requestToken(
  connection: KubernetesApi,
  { namespace, name }: SecretLocation,
  { audiences, expirationMs }: TokenOptions,
  context: CallContext,
): Promise<IssuedToken | undefined> {
  const answer = await requestObject(
    connection,
    {
      method: "POST",
      path: "/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
      values: { namespace, name },
      json: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { ...(audiences.length > 0 && { audiences }), expirationSeconds: Math.ceil(expirationMs / 1000) },
      },
    },
    { verb: "create", resource: "serviceaccounts/token", namespace, name },
    context,
  );
  if (answer === undefined) return undefined;
  const { token, expirationTimestamp } = record(record(answer.json())?.status) ?? {};
  const endsAt = Date.parse(String(expirationTimestamp));
  if (typeof token !== "string" || token === "" || Number.isNaN(endsAt)) throw malformed();
  return { token, endsAt, serverTime: answer.serverTime };
}

function malformed(): SecretError {
  return new SecretError("INTERNAL", "the API server returned something other than a token", {
    reason: "malformed-answer",
    tip: "Check that the address leads to a Kubernetes API server.",
  });
}
