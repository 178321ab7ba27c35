import { z } from "zod";
import { prefix, proxy, type TlsOptions, text, tls } from "../shared/options.ts";
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

const mount = text.refine(isMount, 'must be a path such as "secret" or "team/kv", without slashes at its ends');
const namespace = text
  .transform((name) => name.replace(/^\/+|\/+$/g, ""))
  .refine(isMount, 'must be a path, such as "team/a"');

/** What the config document may say about a `vault` provider. */
export const vaultOptions: z.ZodType<VaultOptions> = z.strictObject({
  url: text
    .optional()
    .describe("Such as `https://vault.example:8200` or `unix:/run/vault/agent.sock`; by default `VAULT_ADDR`."),
  namespace: namespace.optional().describe("Sent as `X-Vault-Namespace`; by default `VAULT_NAMESPACE`."),
  mount: mount
    .default("secret")
    .describe("The KV mount where names and plain paths are looked up; it may lead to a folder of a mount."),
  engine: z.enum(["kv-v1", "kv-v2"]).optional().describe("The version of that mount; by default Vault is asked, once."),
  mounts: z
    .record(mount, engineOptions)
    .refine(
      (declared) => !Object.hasOwn(declared, "wrapped"),
      'must not declare "wrapped", where wrapped secrets are read',
    )
    .prefault({})
    .describe("Other mounts and their engines; the longest one that begins a path is where it is read."),
  wrapped: wrappedOptions
    .default([])
    .describe("Responses that were wrapped for this application, read as `wrapped/<name>`."),
  prefix: prefix(isPrefix)
    .optional()
    .describe('Stands before each name: with `"prod/app"`, `db/primary` is read at `prod/app/db/primary`.'),
  auth: loginOptions.prefault({ method: "token" }).describe("How to log in; by default with `VAULT_TOKEN`."),
  redirects: z
    .array(
      text.regex(/^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, 'must be host and port, such as "vault-1.example:8200"'),
    )
    .default([])
    .describe(
      "`host:port` of the nodes to which a standby may redirect, with the token; no other redirect is followed.",
    ),
  labels: z.array(text).default([]).describe("The keys of a secret's custom metadata that may show in `meta.labels`."),
  application: text.optional().describe("How this program is called in the user agent, after `tacit/<version>`."),
  tls: tls({
    ca: "by default `VAULT_CACERT` or `VAULT_CAPATH`",
    certificate: "by default `VAULT_CLIENT_CERT`",
    key: "by default `VAULT_CLIENT_KEY`",
    serverName: "by default `VAULT_TLS_SERVER_NAME`",
  }).describe("How Vault is checked, and how this client shows itself. Files are read again when they change."),
  proxy: proxy
    .optional()
    .describe(
      '`"environment"` follows `HTTPS_PROXY` and `NO_PROXY` (also networks such as `10.0.0.0/8`; never for this machine); by default `VAULT_PROXY_ADDR`, else `VAULT_HTTP_PROXY`, else none.',
    ),
  events: z
    .boolean()
    .default(false)
    .describe(
      "Whether to hear of changes of KV secrets from the stream of events of Vault Enterprise; needs the package `ws`.",
    ),
  allowInsecureHttp: z
    .boolean()
    .default(false)
    .describe("Whether `url` and `redirects` may be http on another machine."),
});

function isPrefix(path: string): boolean {
  try {
    return checkPath(path.replace(/\/+$/, "")) !== "";
  } catch {
    return false;
  }
}
