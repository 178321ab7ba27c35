import type { CallContext } from "@tacit/core/provider";
import type { HttpTls } from "../shared/http/client.ts";

/** What a request needs to reach an API server and to be believed by it. Never shown. */
export interface ApiLogin {
  /** Scheme, host, port and perhaps a base path. */
  readonly url: string;
  /** `none`, or the URL of a proxy. */
  readonly proxy: string;
  /** The authorization header and those of an impersonation. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: HttpTls;
  /** Of the service account, or of the kubeconfig's context. */
  readonly namespace: string | undefined;
}

/** A source of logins. It keeps what it may, so it can be asked before each request. */
export interface LoginSource {
  readonly kind: "in-cluster" | "kubeconfig";
  /**
   * @param renew the API server has refused the last one: nothing that was kept counts
   * @throws {SecretError} UNAUTHENTICATED or INVALID_CONFIG
   */
  login(context: CallContext, renew?: boolean): Promise<ApiLogin>;
  /** Ends what it has started. */
  close?(): void;
}

/** Whether the second login would convince a server that has refused the first. */
export function isSameLogin(one: ApiLogin, other: ApiLogin): boolean {
  const parts = ({ url, headers, tls }: ApiLogin): string =>
    JSON.stringify([url, Object.entries(headers), [tls.certificate, tls.key].map(String)]);
  return parts(one) === parts(other);
}
