import { type CallContext, SecretError } from "@tacit/core/provider";
import type { Session } from "../../shared/vault/login/session.ts";

/** The description of a mount by Vault. */
export interface KvMount {
  /** False for any other engine. */
  readonly isKv: boolean;
  readonly keepsVersions: boolean;
  /** The path of the mount, which may be above the requested one. */
  readonly path: string;
}

/**
 * Looks up the mount at a path or above it.
 * @throws {SecretError} PERMISSION_DENIED if there is none, or if the token may read nothing below it; other errors of `Session.call`
 */
export async function lookUpKvMount(session: Session, mount: string, context: CallContext): Promise<KvMount> {
  const request = { path: "sys/internal/ui/mounts/{+mount}", values: { mount }, accept: [404] };
  const { status, data } = await session.call(request, context);
  // A server without this endpoint is so old that it has only version 1.
  if (status === 404) return { isKv: true, keepsVersions: false, path: mount };
  const { path, type, options } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const version = (options as { readonly version?: unknown } | null | undefined)?.version;
  return {
    isKv: type === "kv" || type === "generic",
    keepsVersions: version === "2",
    path: realPath(typeof path === "string" ? path : "", mount),
  };
}

/** Returns the path of the mount. That in the response may begin with the namespace, whose segments are removed one by one. */
function realPath(answered: string, mount: string): string {
  let rest = answered.replace(/\/$/, "");
  while (rest !== "") {
    if (`${mount}/`.startsWith(`${rest}/`)) return rest;
    const slash = rest.indexOf("/");
    rest = slash === -1 ? "" : rest.slice(slash + 1);
  }
  return mount;
}

/** Returns the error of a mount whose version differs from the configured one, or has changed since the lookup. */
export function otherKvVersion(configured: 1 | 2): SecretError {
  return new SecretError("INVALID_CONFIG", `there is no KV mount of version ${configured}, or it no longer exists`, {
    reason: "engine",
    tip: `Leave \`engine\` out, so that the version and the mount are looked up; or write "engine": "kv-v${3 - configured}", or the mount itself where \`mount\` leads to a folder of it.`,
  });
}
