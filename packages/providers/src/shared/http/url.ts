import { SecretError } from "@tacit/core/provider";

/** The exceptions to the rule that a remote store requires https. */
export interface UrlRules {
  /** The path of a unix socket for the requests; the URL then provides only the Host header and the base path. */
  readonly socketPath?: string | undefined;
  /** Allows http to another machine, so that anyone on the network can read the secrets. Default: false. */
  readonly allowInsecureHttp?: boolean | undefined;
}

/**
 * Parses the address of a store: https; http for this machine, a unix socket, or with `allowInsecureHttp`. It may have a base
 * path, but no credentials and no query. Errors contain at most its host, since the text may hold a password.
 * @throws {SecretError} INVALID_CONFIG `insecure-url`, `literal-credential` or `invalid`
 */
export function parseStoreUrl(text: string, rules: UrlRules = {}): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalidUrl("is not an https URL");
  if (url.username !== "" || url.password !== "") {
    throw new SecretError("INVALID_CONFIG", "the URL of the store holds a user name or password", {
      reason: "literal-credential",
      tip: "Remove it from the URL, rotate it at the store, and pass it in the credential options of the adapter.",
    });
  }
  if (url.search !== "" || url.hash !== "") throw invalidUrl("has a query or fragment");
  const isOpen = url.protocol === "http:" && rules.socketPath === undefined && !isLoopback(url.hostname);
  if (!isOpen || rules.allowInsecureHttp === true) return url;
  throw new SecretError("INVALID_CONFIG", `secrets would be read from http://${url.host} without encryption`, {
    reason: "insecure-url",
    tip: 'Use https. If the network in between is private, set "allowInsecureHttp": true.',
  });
}

/** Returns whether a host is this machine. `new URL` has already normalised forms such as 127.1 and 0x7f000001. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function invalidUrl(what: string): SecretError {
  return new SecretError("INVALID_CONFIG", `the URL of the store ${what}`, {
    reason: "invalid",
    tip: 'Write the scheme, host, port and optionally a base path, such as "https://store.example:8200".',
  });
}
