import { type CallContext, type ProviderHost, type ProviderResult, SecretError } from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import { localTime, type ServerTimed } from "../shared/server-time.ts";
import type { KubernetesApi } from "./api.ts";
import { requestObject } from "./api.ts";
import { record } from "./object-meta.ts";
import type { KubernetesOptions } from "./options.ts";
import type { SecretLocation } from "./secret.ts";

/** The options for requesting tokens. */
export type TokenOptions = KubernetesOptions["token"];

/**
 * Reads tokens of service accounts, as the field `token`, with the expiry that the API server states. Each request issues a new
 * token. To a conditional read, the token is still current until three quarters of its lifetime have passed, so that polling
 * does not rotate it. For that, only the version of a token is kept, not the token itself.
 */
export class TokenReader {
  readonly #connection: KubernetesApi;
  readonly #options: TokenOptions;
  readonly #host: Pick<ProviderHost, "clock" | "contentVersion">;
  /** `namespace/name` -> the version and renewal time of the token that was issued last. */
  readonly #issued = new Map<string, { readonly version: string; readonly renewAt: number }>();

  constructor(connection: KubernetesApi, options: TokenOptions, host: Pick<ProviderHost, "clock" | "contentVersion">) {
    this.#connection = connection;
    this.#options = options;
    this.#host = host;
  }

  /** @Reads a token.
@param ifVersion the version of the token that the caller holds
@throws {SecretError} PERMISSION_DENIED `access-rule`, INTERNAL `malformed-answer`, and errors of a request `malformed-answer`, and what a request throws */
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
  /** The expiry by the clock of the API server, in milliseconds since the epoch. */
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
