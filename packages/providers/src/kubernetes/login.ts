import type { CallContext } from "@tacit/core/provider";
import type { HttpTls } from "../shared/http/client.ts";

/** The address and credentials that a request to an API server needs. Never printed. */
export interface ApiLogin {
  /** Scheme, host, port and perhaps a base path. */
  readonly url: string;
  /** `none`, or the URL of a proxy. */
  readonly proxy: string;
  /** The authorization header and those of an impersonation. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: HttpTls;
  /** The namespace of the service account or of the kubeconfig's context. */
  readonly namespace: string | undefined;
}

/** A source of logins. It caches them, so it may be called before each request. */
export interface LoginSource {
  readonly kind: "in-cluster" | "kubeconfig";
  /**
   * @Returns a login.
@param renew whether to ignore cached credentials, because the API server has refused the last login
@throws {SecretError} UNAUTHENTICATED or INVALID_CONFIG the last one: nothing that was kept counts
   * @throws {SecretError} UNAUTHENTICATED or INVALID_CONFIG
   */
  login(context: CallContext, renew?: boolean): Promise<ApiLogin>;
  /** Ends running plugins. */
  close?(): void;
}

/** Whether two logins have the same server and credentials, so that a server that has refused one would also refuse the other. */
export function isSameLogin(one: ApiLogin, other: ApiLogin): boolean {
  const parts = ({ url, headers, tls }: ApiLogin): string =>
    JSON.stringify([url, Object.entries(headers), [tls.certificate, tls.key].map(String)]);
  return parts(one) === parts(other);
}
