import type { HttpTls } from "../../shared/http/client.ts";
import type { ApiLogin } from "../login.ts";
import { assertPlugin, type PluginCredentials } from "./plugin.ts";
import type { Section } from "./section.ts";

/** The credentials that a user sends with each request. */
export type UserCredentials = Pick<ApiLogin, "headers"> & Pick<HttpTls, "certificate" | "key">;

/**
 * Reads the current credentials of a user; files may have changed since the last login.
 * @param runPlugin called if the user has a plugin and no credentials of its own
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`, also for an unknown key, so that none is silently ignored
 */
export async function userCredentials(
  user: Section,
  runPlugin: () => Promise<PluginCredentials>,
): Promise<UserCredentials> {
  user.assertKnown(knownKeys);
  assertPlugin(user);
  const impersonation = impersonationOf(user);
  const token = await tokenOf(user);
  const basic = basicOf(user);
  if (token !== undefined && basic !== undefined) throw user.broken("is set together with a token", "username");
  const [certificate, key] = [await user.pem("client-certificate"), await user.pem("client-key")];
  if (certificate !== undefined && key === undefined)
    throw user.broken("is missing beside its certificate", "client-key");
  if (key !== undefined && certificate === undefined)
    throw user.broken("is missing beside its key", "client-certificate");
  const authorization = token === undefined ? basic : `Bearer ${token}`;
  const own: UserCredentials = {
    headers: { ...(authorization !== undefined && { authorization }), ...impersonation },
    certificate,
    key,
  };
  if (authorization !== undefined || !(user.has("exec") || user.has("auth-provider"))) return own;
  const plugin = await runPlugin();
  return {
    headers: { ...plugin.headers, ...impersonation },
    certificate: plugin.certificate ?? certificate,
    key: plugin.key ?? key,
  };
}

/** @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo */
const knownKeys: ReadonlySet<string> = new Set([
  "client-certificate",
  "client-certificate-data",
  "client-key",
  "client-key-data",
  "token",
  "tokenFile",
  "as",
  "as-uid",
  "as-groups",
  "as-user-extra",
  "username",
  "password",
  "auth-provider",
  "exec",
  "extensions",
]);

/** Reads the token; `tokenFile` takes precedence over `token`. */
async function tokenOf(user: Section): Promise<string | undefined> {
  const file = await user.content("tokenFile");
  if (file === undefined) return user.text("token");
  const token = file.trim();
  if (token === "") throw user.broken("refers to an empty file", "tokenFile");
  return token;
}

function basicOf(user: Section): string | undefined {
  const [name, password] = [user.text("username"), user.text("password")];
  if (name === undefined && password === undefined) return undefined;
  return `Basic ${Buffer.from(`${name ?? ""}:${password ?? ""}`).toString("base64")}`;
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonationOf(user: Section): Readonly<Record<string, string | readonly string[]>> {
  const name = user.text("as");
  const others = ["as-uid", "as-groups", "as-user-extra"].find((key) => user.has(key));
  if (name === undefined) {
    if (others !== undefined) throw user.broken("is set without `as`", others);
    return {};
  }
  const [uid, groups, extra] = [user.text("as-uid"), user.texts("as-groups"), user.section("as-user-extra")];
  const extras = Object.keys(extra?.members ?? {}).map((key) => [
    `impersonate-extra-${escaped(key)}`,
    (extra?.texts(key) ?? []).map(inUtf8),
  ]);
  return {
    "impersonate-user": inUtf8(name),
    ...(uid !== undefined && { "impersonate-uid": inUtf8(uid) }),
    ...(groups.length > 0 && { "impersonate-group": groups.map(inUtf8) }),
    ...Object.fromEntries(extras),
  };
}

/**
 * Escapes a key for a header name as client-go does: in lower case, with percent codes for characters that a header name cannot
 * contain.
 */
function escaped(key: string): string {
  return encodeURIComponent(key.toLowerCase()).replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

/**
 * Returns a text whose characters are its UTF-8 bytes, because Node writes each character of a header as one byte, while
 * clients in Go send UTF-8.
 */
function inUtf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}
