import * as z from "zod/mini";
import { optional, proxy, type TlsOptions, text, tls, withDefault } from "../options.ts";
import { type LoginOptions, loginOptions } from "./login/options.ts";
import { isMount } from "./path.ts";

/** The options for the access to Vault, except its address, after validation. */
export interface VaultAccessOptions {
  /** Sent as X-Vault-Namespace. Default: VAULT_NAMESPACE or BAO_NAMESPACE. */
  readonly namespace?: string | undefined;
  /** How to log in. */
  readonly auth: LoginOptions;
  /** `host:port` of the nodes to which a standby may redirect. */
  readonly redirects: readonly string[];
  readonly tls: TlsOptions;
  /** `environment`, or the URL of a proxy. Default: VAULT_PROXY_ADDR, else VAULT_HTTP_PROXY, else none. */
  readonly proxy?: string | undefined;
  /** Allows http for the address and `redirects` on another machine. */
  readonly allowInsecureHttp: boolean;
}

/** Returns the schemas of these options, for the option schema of an adapter. @param address the option with the address, in backticks */
export function vaultAccess(address: string) {
  return {
    namespace: optional("Sent as `X-Vault-Namespace`; by default `VAULT_NAMESPACE`.", namespace),
    auth: withDefault("How to log in; by default with the token in `VAULT_TOKEN`.", { method: "token" }, loginOptions),
    redirects: withDefault(
      "The nodes, as `host:port`, to which a standby may redirect requests with the token; no other redirect is followed.",
      [],
      z.array(
        text.check(
          z.regex(/^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, 'must be host and port, such as "vault-1.example:8200"'),
        ),
      ),
    ),
    tls: tls("The authorities to trust, and the client certificate. Files are read again when they change.", {
      ca: "by default `VAULT_CACERT` or `VAULT_CAPATH`",
      certificate: "by default `VAULT_CLIENT_CERT`",
      key: "by default `VAULT_CLIENT_KEY`",
      serverName: "by default `VAULT_TLS_SERVER_NAME`",
    }),
    proxy: optional(
      '`"environment"` follows `HTTPS_PROXY` and `NO_PROXY` (which may list networks such as `10.0.0.0/8`), except for this machine. Otherwise the URL of a proxy; by default `VAULT_PROXY_ADDR`, else `VAULT_HTTP_PROXY`, else none.',
      proxy,
    ),
    allowInsecureHttp: withDefault(
      `Allows ${address} and \`redirects\` to name an http server on another machine.`,
      false,
      z.boolean(),
    ),
  };
}

const namespace = z
  .pipe(
    text,
    z.transform((name: string) => name.replace(/^\/+|\/+$/g, "")),
  )
  .check(z.refine(isMount, 'must be a path, such as "team/a"'));
