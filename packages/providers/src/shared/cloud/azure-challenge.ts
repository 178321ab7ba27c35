import { SecretError } from "@tacit/core/provider";

/** What a vault demands of a token. */
export interface Challenge {
  /** Such as `https://vault.azure.net/.default`. */
  readonly scope: string;
  /** The tenant of the vault; undefined where it does not say. */
  readonly tenantId: string | undefined;
}

/**
 * Reads what a vault demands. A token is for a resource, and may be sent to no other host than its own: what else names a resource
 * would get a token that is good elsewhere.
 * @param header `www-authenticate` @param host of the vault, without a port
 * @throws {SecretError} UNAUTHENTICATED `challenge`
 * @see https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
 */
export function parseChallenge(header: string | undefined, host: string): Challenge {
  const { scope, resource, authorization, authorization_uri: authority } = bearerParts(header);
  const named = scope?.replace(/\/\.default$/, "") ?? resource ?? "";
  const target = URL.canParse(named) ? new URL(named) : undefined;
  if (target === undefined) throw refused("does not state a resource for a token");
  const isOwn = host === target.hostname || (target.hostname.includes(".") && host.endsWith(`.${target.hostname}`));
  if (!isOwn || !/^https?:$/.test(target.protocol) || target.username !== "")
    throw refused("requires a token for another resource; none was requested or sent");
  const tenant = authorization ?? authority ?? "";
  return {
    scope: `${named.replace(/\/+$/, "")}/.default`,
    // Only told to people: where tokens are asked for is not the vault's to say.
    tenantId: URL.canParse(tenant) ? new URL(tenant).pathname.split("/")[1] || undefined : undefined,
  };
}

/**
 * Returns the claims that a vault demands of the next token, as JSON; undefined where it demands none.
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function claimsIn(header: string | undefined): string | undefined {
  const { error, claims = "" } = bearerParts(header);
  if (error !== "insufficient_claims" || claims.length > mostClaims) return undefined;
  const text = Buffer.from(claims, "base64").toString();
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? text : undefined;
  } catch {
    return undefined;
  }
}

const mostClaims = 8192;

/** The parameters of the scheme Bearer, in any order; there may be others before it. */
function bearerParts(header = ""): Readonly<Record<string, string | undefined>> {
  const [, parameters = ""] = /(?:^|,)\s*Bearer\s+(.*)$/i.exec(header) ?? [];
  const pairs = [...parameters.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)];
  return Object.fromEntries(pairs.map(([, name = "", quoted, plain]) => [name.toLowerCase(), quoted ?? plain]));
}

function refused(what: string): SecretError {
  return new SecretError("UNAUTHENTICATED", `the server at the address of the vault ${what}`, {
    reason: "challenge",
    tip: "Check `url` and the address of its host name: a vault requires tokens of its own domain.",
  });
}
