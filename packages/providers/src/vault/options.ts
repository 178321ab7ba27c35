import * as z from "zod/mini";
import { optional, prefix, proxy, type TlsOptions, text, tls, withDefault } from "../shared/options.ts";
import { type EngineOptions, engineOptions, wrappedOptions } from "./engine/options.ts";
import type { WrappedSecret } from "./engine/wrapped.ts";
import { type LoginOptions, loginOptions } from "./login/options.ts";
import { checkPath, isMount } from "./path.ts";

/** The options of a `vault` provider after validation. */
export interface VaultOptions {
  /** Scheme, host and port, or `unix:` and a path. Default: VAULT_AGENT_ADDR, else VAULT_ADDR, or their BAO_ twins. */
  readonly url?: string | undefined;
  /** Sent as X-Vault-Namespace. Default: VAULT_NAMESPACE or BAO_NAMESPACE. */
  readonly namespace?: string | undefined;
  /** Where names and plain paths are looked up: a KV mount. */
  readonly mount: string;
  /** Its version. Default: Vault is asked, once. */
  readonly engine?: "kv-v1" | "kv-v2" | undefined;
  /** Other mounts: a path that begins with one of them is read there. */
  readonly mounts: Readonly<Record<string, EngineOptions>>;
  /** Secrets that were wrapped for this application. */
  readonly wrapped: readonly WrappedSecret[];
  /** Stands before each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** How to log in. */
  readonly auth: LoginOptions;
  /** `host:port` of the nodes to which a standby may redirect. */
  readonly redirects: readonly string[];
  /** The keys of custom metadata that show in `meta.labels`. Default: none. */
  readonly labels: readonly string[];
  /** How this program is called in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
  readonly tls: TlsOptions;
  /** `environment`, or the URL of a proxy. Default: VAULT_PROXY_ADDR, else VAULT_HTTP_PROXY, else none. */
  readonly proxy?: string | undefined;
  /** Whether to hear of changes from Vault Enterprise's stream of events. */
  readonly events: boolean;
  /** Lets `url` and `redirects` name an http server on another machine. */
  readonly allowInsecureHttp: boolean;
}

const mount = text.check(
  z.refine(isMount, 'must be a path such as "secret" or "team/kv", without slashes at its ends'),
);
const namespace = z
  .pipe(
    text,
    z.transform((name: string) => name.replace(/^\/+|\/+$/g, "")),
  )
  .check(z.refine(isMount, 'must be a path, such as "team/a"'));

/** What the config document may say about a `vault` provider. */
export const vaultOptions: z.ZodMiniType<VaultOptions> = z.strictObject({
  url: optional("Such as `https://vault.example:8200` or `unix:/run/vault/agent.sock`; by default `VAULT_ADDR`.", text),
  namespace: optional("Sent as `X-Vault-Namespace`; by default `VAULT_NAMESPACE`.", namespace),
  mount: withDefault(
    "The KV mount where names and plain paths are looked up; it may lead to a folder of a mount.",
    "secret",
    mount,
  ),
  engine: optional("The version of that mount; by default Vault is asked, once.", z.enum(["kv-v1", "kv-v2"])),
  mounts: withDefault(
    "Other mounts and their engines; the longest one that begins a path is where it is read.",
    {},
    z
      .record(mount, engineOptions)
      .check(
        z.refine(
          (declared) => !Object.hasOwn(declared, "wrapped"),
          'must not declare "wrapped", where wrapped secrets are read',
        ),
      ),
  ),
  wrapped: withDefault(
    "Responses that were wrapped for this application, read as `wrapped/<name>`.",
    [],
    wrappedOptions,
  ),
  prefix: optional(
    'Stands before each name: with `"prod/app"`, `db/primary` is read at `prod/app/db/primary`.',
    prefix(isPrefix),
  ),
  auth: withDefault("How to log in; by default with `VAULT_TOKEN`.", { method: "token" }, loginOptions),
  redirects: withDefault(
    "`host:port` of the nodes to which a standby may redirect, with the token; no other redirect is followed.",
    [],
    z.array(
      text.check(
        z.regex(/^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, 'must be host and port, such as "vault-1.example:8200"'),
      ),
    ),
  ),
  labels: withDefault("The keys of a secret's custom metadata that may show in `meta.labels`.", [], z.array(text)),
  application: optional("How this program is called in the user agent, after `tacit/<version>`.", text),
  tls: tls("How Vault is checked, and how this client shows itself. Files are read again when they change.", {
    ca: "by default `VAULT_CACERT` or `VAULT_CAPATH`",
    certificate: "by default `VAULT_CLIENT_CERT`",
    key: "by default `VAULT_CLIENT_KEY`",
    serverName: "by default `VAULT_TLS_SERVER_NAME`",
  }),
  proxy: optional(
    '`"environment"` follows `HTTPS_PROXY` and `NO_PROXY` (also networks such as `10.0.0.0/8`; never for this machine); by default `VAULT_PROXY_ADDR`, else `VAULT_HTTP_PROXY`, else none.',
    proxy,
  ),
  events: withDefault(
    "Whether to hear of changes of KV secrets from the stream of events of Vault Enterprise; needs the package `ws`.",
    false,
    z.boolean(),
  ),
  allowInsecureHttp: withDefault("Whether `url` and `redirects` may be http on another machine.", false, z.boolean()),
});

function isPrefix(path: string): boolean {
  try {
    return checkPath(path.replace(/\/+$/, "")) !== "";
  } catch {
    return false;
  }
}
