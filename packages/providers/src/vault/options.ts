import * as z from "zod/mini";
import { optional, prefix, text, withDefault } from "../shared/options.ts";
import { type VaultAccessOptions, vaultAccess } from "../shared/vault/options.ts";
import { checkPath, isMount } from "../shared/vault/path.ts";
import { type EngineOptions, engineOptions, wrappedOptions } from "./engine/options.ts";
import type { WrappedSecret } from "./engine/wrapped.ts";

/** The options of a `vault` provider after validation. */
export interface VaultOptions extends VaultAccessOptions {
  /** The scheme, host and port, or `unix:` and a path. Default: VAULT_AGENT_ADDR, else VAULT_ADDR, or their BAO_ counterparts. */
  readonly url?: string | undefined;
  /** The KV mount of names and plain paths. */
  readonly mount: string;
  /** The version of that mount. Default: looked up once. */
  readonly engine?: "kv-v1" | "kv-v2" | undefined;
  /** mount -> its engine; a path is read at the longest mount that it begins with */
  readonly mounts: Readonly<Record<string, EngineOptions>>;
  /** Secrets that were wrapped for this application, read as `wrapped/<name>`. */
  readonly wrapped: readonly WrappedSecret[];
  /** Prepended to each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** The keys of custom metadata to include in `meta.labels`. Default: none. */
  readonly labels: readonly string[];
  /** The name of this program in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
  /** Whether to subscribe to the event stream of Vault Enterprise for changes. */
  readonly events: boolean;
}

const mount = text.check(
  z.refine(isMount, 'must be a path such as "secret" or "team/kv", without slashes at its ends'),
);
const access = vaultAccess("`url`");

/** The schema of the options. */
export const vaultOptions: z.ZodMiniType<VaultOptions> = z.strictObject({
  url: optional(
    "The address of Vault, such as `https://vault.example:8200` or `unix:/run/vault/agent.sock`; by default `VAULT_AGENT_ADDR`, else `VAULT_ADDR`.",
    text,
  ),
  namespace: access.namespace,
  mount: withDefault("The KV mount of names and plain paths; it may also be a folder within a mount.", "secret", mount),
  engine: optional("The KV version of that mount; by default Vault is asked, once.", z.enum(["kv-v1", "kv-v2"])),
  mounts: withDefault(
    "Other mounts and their engines; a path is read at the longest mount that it begins with.",
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
  wrapped: withDefault("Responses wrapped for this application, read as `wrapped/<name>`.", [], wrappedOptions),
  prefix: optional(
    'Prepended to each name: with `"prod/app"`, `db/primary` is read at `prod/app/db/primary`.',
    prefix(isPrefix),
  ),
  auth: access.auth,
  redirects: access.redirects,
  labels: withDefault("The keys of a secret's custom metadata to include in `meta.labels`.", [], z.array(text)),
  application: optional("The name of this program in the user agent, after `tacit/<version>`.", text),
  tls: access.tls,
  proxy: access.proxy,
  events: withDefault(
    "Subscribes to the event stream of Vault Enterprise for changes of KV secrets; needs the package `ws`.",
    false,
    z.boolean(),
  ),
  allowInsecureHttp: access.allowInsecureHttp,
});

function isPrefix(path: string): boolean {
  try {
    return checkPath(path.replace(/\/+$/, "")) !== "";
  } catch {
    return false;
  }
}
