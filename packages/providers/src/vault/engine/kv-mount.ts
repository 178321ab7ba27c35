import { type CallContext, SecretError } from "@tacit/core/provider";
import type { Session } from "../../shared/vault/login/session.ts";

/** A mount as Vault describes it. */
export interface KvMount {
  /** False for any other engine. */
  readonly isKv: boolean;
  readonly keepsVersions: boolean;
  /** Where it really is: the path that was asked about, or one above it. */
  readonly path: string;
}

/**
 * Asks Vault what is mounted at a path or above it.
 * @throws {SecretError} PERMISSION_DENIED where nothing is, or where the token may read nothing below it; and what a call throws
 */
export async function lookUpKvMount(session: Session, mount: string, context: CallContext): Promise<KvMount> {
  const request = { path: "sys/internal/ui/mounts/{+mount}", values: { mount }, accept: [404] };
  const { status, data } = await session.call(request, context);
  // So old a server that it has no other version.
  if (status === 404) return { isKv: true, keepsVersions: false, path: mount };
  const { path, type, options } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const version = (options as { readonly version?: unknown } | null | undefined)?.version;
  return {
    isKv: type === "kv" || type === "generic",
    keepsVersions: version === "2",
    path: realPath(typeof path === "string" ? path : "", mount),
  };
}

/** The answer may begin with the namespace, whose segments are taken off one by one until the rest begins the mount. */
function realPath(answered: string, mount: string): string {
  let rest = answered.replace(/\/$/, "");
  while (rest !== "") {
    if (`${mount}/`.startsWith(`${rest}/`)) return rest;
    const slash = rest.indexOf("/");
    rest = slash === -1 ? "" : rest.slice(slash + 1);
  }
  return mount;
}

/** The error for a mount that is not of the version that the document names, or that keeps versions now and did not before. */
export function otherKvVersion(configured: 1 | 2): SecretError {
  return new SecretError("INVALID_CONFIG", `there is no KV mount of version ${configured}, or it no longer exists`, {
    reason: "engine",
    tip: `Leave \`engine\` out, so that the version and the mount are looked up; or write "engine": "kv-v${3 - configured}", or the mount itself where \`mount\` leads to a folder of it.`,
  });
}
